#include "agent/cli/limits.h"

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
}
