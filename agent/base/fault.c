#include "agent/base/fault.h"

#ifdef CURLEW_FAULTS

#include <signal.h>
#include <stdlib.h>
#include <string.h>

void
fault_point(const char *name)
{
	static long passed;
	const char *wanted = getenv("CURLEW_FAULT");
	size_t len = strlen(name);
	if (!wanted || strncmp(wanted, name, len) != 0 || wanted[len] != ':')
		return;
	if (++passed == strtol(wanted + len + 1, NULL, 10))
		raise(SIGKILL);
}

#else

/* A translation unit must not be empty. */
typedef int fault_unused;

#endif
