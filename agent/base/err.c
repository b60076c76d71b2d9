#include "agent/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *denied;

const char *
err_system(int error)
{
	return error == EACCES && denied ? denied : strerror(error);
}

void
err_explain_denied(const char *sentence)
{
	denied = sentence;
}

bool
err_set(struct err *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return false;
}

bool
err_prefix(struct err *err, const char *format, ...)
{
	struct err old = *err;

	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);

	size_t len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", old.text);
	return false;
}
