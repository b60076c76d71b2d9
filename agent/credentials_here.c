#include "agent/credentials_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"

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
	FILE *stream = fopen(path, "re");
	*missing = !stream && (errno == ENOENT || errno == ENOTDIR);
	if (!stream)
		return err_set(
			err, "cannot read %s: %s", path, err_system(errno));
	char piece[4096];
	size_t n;
	while ((n = fread(piece, 1, sizeof(piece), stream)) > 0)
		if (!buf_add(text, piece, n))
			break;
	bool good = !ferror(stream) && !text->full;
	if (!good)
		err_set(err, "cannot read %s: %s", path,
			text->full ? "it is too long" : strerror(errno));
	fclose(stream);
	return good;
}

const struct credentials_world credentials_here = {
	.variable = variable,
	.file = file,
};
