"""Becomes a server process that does not outlive its parent. Run as a script: PARENT UID GID COMMAND...

A script of its own, because a function called between fork and exec can deadlock in a parent that has threads.
UID -1 keeps the user.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main() -> None:
    """Change the user, ask for SIGINT at the parent's death (Linux), and execute the command."""
    parent, uid, gid = (int(argument) for argument in sys.argv[1:4])
    command = sys.argv[4:]
    if uid != -1:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    # A shell that starts us in the background leaves SIGINT ignored, and ours is the signal that asks for a clean stop.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        # After setuid: a change of user clears it (prctl(2)).
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != parent:
        sys.exit("the parent ended before its server began")
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
