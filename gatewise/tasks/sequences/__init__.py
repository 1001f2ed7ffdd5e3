"""What the tasks on whole sequences share: ragged data, splits, the network, its training; knows no task."""
