"""Files of one format to another: `avrojet.convert`, and the command of that name."""
