"""Before the whole is loaded: the dry run, the sample with its difference, and who signed what."""
