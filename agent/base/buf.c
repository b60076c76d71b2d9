#include "agent/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"

enum {
	FIRST_SIZE = 64,
};

void
buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){ .max = max };
	buf->size = 1;
	buf->data = mem_zalloc(1);
}

void
buf_finish(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->full = false;
	buf->data[0] = '\0';
}

static void
reserve(struct buf *buf, size_t len)
{
	size_t need = buf->len + len + 1;
	if (need <= buf->size)
		return;
	size_t size = buf->size < FIRST_SIZE ? FIRST_SIZE : buf->size;
	while (size < need)
		size *= 2;
	buf->data = mem_grow(buf->data, size, 1);
	buf->size = size;
}

bool
buf_add(struct buf *buf, const void *bytes, size_t len)
{
	size_t room = buf->max - buf->len;
	size_t fits = len < room ? len : room;
	if (fits > 0) {
		reserve(buf, fits);
		memcpy(buf->data + buf->len, bytes, fits);
		buf->len += fits;
		buf->data[buf->len] = '\0';
	}
	if (fits < len)
		buf->full = true;
	return fits == len;
}

bool
buf_add_text(struct buf *buf, const char *text)
{
	return buf_add(buf, text, strlen(text));
}

bool
buf_add_char(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

bool
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return false;

	char *text = mem_alloc((size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	bool fits = buf_add(buf, text, (size_t)len);
	free(text);
	return fits;
}

char *
buf_steal(struct buf *buf)
{
	char *data = buf->data;
	buf_init(buf, buf->max);
	return data;
}
