"""The KFP components, a folder each; imported as `clt.components`."""
