#include "agent/sandbox_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "agent/base/log.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) \
	|| __has_feature(memory_sanitizer)
#define IS_SANITIZED true
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED false
#endif

/* They make system calls, and read and write files, of their own. */
static bool
is_watched(void)
{
	const char *preloaded = getenv("LD_PRELOAD");
	bool valgrind = preloaded && strstr(preloaded, "vgpreload");
	return IS_SANITIZED || valgrind;
}

static unsigned
note(bool good, unsigned part, const char *msg, const struct err *err)
{
	if (good)
		return part;
	log_say(LOG_WARN, msg, log_text("reason", err->text));
	return 0;
}

unsigned
sandbox_enter(const struct sandbox_settings *settings)
{
	if (is_watched()) {
		log_say(LOG_INFO, "no sandbox under a sanitizer");
		return 0;
	}
	/* The kernel asks for this before it takes rules from just anybody. */
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	struct err err;
	bool paths = sandbox_limit_paths(settings, &err);
	unsigned on = note(
		paths, SANDBOX_PATHS, "the sandbox leaves files open", &err);
	bool calls = sandbox_limit_calls(&err);
	on |= note(calls, SANDBOX_CALLS, "the sandbox leaves system calls open",
		&err);
	if (paths)
		err_explain_denied(
			"Permission denied, by its mode or by the sandbox, "
			"which lets be read what was named at the start: start "
			"the agent anew, or set `sandbox: false`");
	return on;
}
