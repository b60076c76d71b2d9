#include "agent/credentials_internal.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/file.h"

static const char *
variable(void *cookie, const char *name)
{
	(void)cookie;
	return getenv(name);
}

static bool
file(void *cookie, const char *path, struct buf *text, bool *missing,
	struct err *err)
{
	(void)cookie;
	bool good = file_read(path, text, err);
	*missing = !good && (errno == ENOENT || errno == ENOTDIR);
	return good;
}

const struct credentials_world credentials_here = {
	.variable = variable,
	.file = file,
};
