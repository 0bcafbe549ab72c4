"""Runs the update script in a child process: `python -P launch.py SCRIPT FOLDER...`, run as a file and never imported.

The script may import only from the given folders. Its own folder and the folder that it runs in are not among them: a
`json.py` there would replace Python's.
"""

import runpy
import sys

if __name__ == "__main__":
    script, *folders = sys.argv[1:]
    sys.argv[:] = [script]
    sys.path[:] = folders
    runpy.run_path(script, run_name="__main__")
