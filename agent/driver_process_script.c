/*
 * driver_process_script: the session's first program, run by sh inside the sandbox.
 *
 * It brings up the display, the window manager and the template's command, and ends when the X
 * server does. A command that ends is started again, as a closed window is not the end of a
 * desktop; one that ends five times within three seconds of its start ends the session.
 */
#include "agent/driver_process.h"

const char process_session_script[] =
	"umask 077\n"
	"geometry=$1; shift\n"
	"ulimit -c 0\n"
	"[ \"$STREAMSPACE_NPROC\" = 0 ] || ulimit -p \"$STREAMSPACE_NPROC\" 2>/dev/null\n"
	"unset STREAMSPACE_NPROC\n"
	"cd \"$HOME\" || exit 1\n"
	": > /run/vnc/up\n"
	"if [ $# -gt 0 ] && ! command -v \"$1\" >/dev/null 2>&1; then exit 72; fi\n"
	"command -v openbox >/dev/null 2>&1 || exit 73\n"
	"Xtigervnc :1 -rfbunixpath /run/vnc/rfb.sock -rfbunixmode 0600 -rfbport -1 \\\n"
	"  -nolisten tcp -nolisten local -auth /run/session/xauth -SecurityTypes None \\\n"
	"  -UseBlacklist=0 -AlwaysShared=1 -AcceptSetDesktopSize=1 -noreset \\\n"
	"  -desktop \"$STREAMSPACE_SESSION\" -geometry \"$geometry\" -depth 24 &\n"
	"x=$!\n"
	"until [ -S /tmp/.X11-unix/X1 ]; do\n"
	"  kill -0 $x 2>/dev/null || exit 71\n"
	"  sleep 0.02\n"
	"done\n"
	/* Windows that come before the window manager would get no focus. */
	"openbox --sm-disable --startup 'touch /run/session/wm' &\n"
	"n=0; until [ -e /run/session/wm ] || [ $n -ge 500 ]; do n=$((n + 1)); sleep 0.01; done\n"
	"if [ $# -gt 0 ]; then (\n"
	"  fast=0\n"
	"  while :; do\n"
	"    begin=$(date +%s)\n"
	"    \"$@\" >\"$HOME/.xsession-errors\" 2>&1 </dev/null\n"
	"    code=$?\n"
	"    if [ $(($(date +%s) - begin)) -lt 3 ]; then fast=$((fast + 1)); else fast=0; fi\n"
	"    if [ $fast -ge 5 ]; then\n"
	"      echo \"command ended $fast times at once, last with code $code\" >&2\n"
	"      : > /run/session/command-failed\n"
	"      kill $x\n"
	"      exit\n"
	"    fi\n"
	"    sleep 0.2\n"
	"  done\n"
	") & fi\n"
	"wait $x\n"
	"code=71; [ -e /run/session/command-failed ] && code=70\n"
	/* The sandbox's first process waits for all others: what needs no display would go on. */
	"kill -KILL -1\n"
	"exit $code\n";
