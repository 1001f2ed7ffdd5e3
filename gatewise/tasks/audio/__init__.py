"""Sound: recordings read from files, and the features that networks read of them; knows no task."""
