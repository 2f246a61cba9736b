"""Work on a Kubernetes cluster: jobs (PyTorchJobs of one cell) and runs (of the Kubeflow pipeline)."""
