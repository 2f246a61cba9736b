"""One run of the pipeline on a cluster: which cells it has, what it shows in the UI of Kubeflow, and how it ends."""
