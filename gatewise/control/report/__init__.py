"""The report of a policy: how it learned, an episode with the gates beside it, and what its memory keeps."""
