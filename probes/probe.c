#include "probes/probe.h"

#include <assert.h>
#include <stddef.h>

const struct probe_type *
probe_type_of(const struct conf_variant *variant)
{
	for (size_t i = 0; probe_types[i]; i++)
		if (&probe_types[i]->conf == variant)
			return probe_types[i];
	assert(!"a variant that is no probe");
	return NULL;
}

struct probe *
probe_new(const struct probe_type *type, const void *settings,
	const struct probe_env *env)
{
	struct probe *probe = type->create(settings, env);
	assert(!probe->done);
	probe->type = type;
	return probe;
}

void
probe_free(struct probe *probe)
{
	if (!probe)
		return;
	probe_cancel(probe);
	probe->type->destroy(probe);
}

void
probe_start(
	struct probe *probe, int64_t now_ms, probe_done_fn *done, void *cookie)
{
	assert(!probe->done && done);
	probe->done = done;
	probe->cookie = cookie;
	probe->type->start(probe, now_ms);
	assert(probe->done); /* not before start returned */
}

void
probe_cancel(struct probe *probe)
{
	if (!probe->done)
		return;
	probe->done = NULL;
	probe->type->cancel(probe);
}

void
probe_finish(struct probe *probe, struct result *result)
{
	assert(probe->done);
	probe_done_fn *done = probe->done;
	probe->done = NULL;
	done(probe->cookie, result);
}
