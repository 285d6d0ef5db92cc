"""`python -m services.cli`, the same as `showrunner`."""

import sys

from services.cli.main import main

sys.exit(main())
