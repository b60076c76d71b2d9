#include "agent/base/file.h"

#include <errno.h>
#include <stdio.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"

enum {
	PIECE_SIZE = 4096,
};

/* 0, or the system's number. */
static int
read_all(FILE *stream, struct buf *buf)
{
	char piece[PIECE_SIZE];
	size_t n;
	while ((n = fread(piece, 1, sizeof(piece), stream)) > 0)
		if (!buf_add(buf, piece, n))
			return 0;
	return ferror(stream) ? errno : 0;
}

bool
file_read(const char *path, struct buf *buf, struct err *err)
{
	FILE *stream = fopen(path, "re");
	int error = stream ? read_all(stream, buf) : errno;
	if (stream)
		fclose(stream);
	bool good = error == 0 && !buf->full;
	if (!good)
		err_set(err, "cannot read %s: %s", path,
			error ? err_system(error) : "it is too long");
	errno = error;
	return good;
}
