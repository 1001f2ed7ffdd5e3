"""What tasks at every step of sequences share: windows, the network, its training; knows no task."""
