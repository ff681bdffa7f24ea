"""``python -m avrojet``: the command line."""

import sys

from avrojet.cli import main

sys.exit(main())
