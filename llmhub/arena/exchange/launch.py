"""Runs the update script in a child process: `python -P launch.py SCRIPT FOLDER...`, run as a file and never imported.

The script may import from the folders given and from nowhere else: not from its own folder, where a `json.py` would
take the place of Python's, and not from the folder that it runs in.
"""

import runpy
import sys

if __name__ == "__main__":
    script, *folders = sys.argv[1:]
    sys.argv[:] = [script]
    sys.path[:] = folders
    runpy.run_path(script, run_name="__main__")
