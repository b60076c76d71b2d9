#include "agent/cli/limits.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void
cli_limits(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	struct rlimit none = { 0 };
	(void)setrlimit(RLIMIT_CORE, &none);
	/* The limit does not hold where dumps are piped to a program. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
