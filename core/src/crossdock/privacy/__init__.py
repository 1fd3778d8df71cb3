"""Personal data: taken out of a finished project, and kept out of what is sent to others."""
