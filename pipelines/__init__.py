"""The Kubeflow pipelines, their compile options and pods; imported as `clt.pipelines`."""
