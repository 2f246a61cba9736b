"""What happens over the checkpoints of training."""
