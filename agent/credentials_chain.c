#include "agent/credentials_internal.h"

#include "agent/base/arena.h"

void
credentials_chain_init(struct credentials_chain *chain,
	const struct credentials_world *world, struct credentials_keys *keys,
	struct arena *arena)
{
	*chain = (struct credentials_chain){
		.world = world,
		.arena = arena,
		.keys = keys,
		.file = "",
	};
}

static void
found(struct credentials_step *step)
{
	*step = (struct credentials_step){ .kind = CREDENTIALS_FOUND };
}

/* These decide, or return false: the next place is to be asked. */

static bool
from_environment(
	const struct credentials_chain *chain, struct credentials_step *step)
{
	const struct credentials_world *world = chain->world;
	const char *id = credentials_variable(world, "AWS_ACCESS_KEY_ID");
	const char *secret =
		credentials_variable(world, "AWS_SECRET_ACCESS_KEY");
	if (!id)
		return false;
	if (!secret)
		credentials_fail(step,
			"AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY "
			"is not");
	else if (!credentials_keys_set(chain->keys, id, secret,
			 credentials_variable(world, "AWS_SESSION_TOKEN")))
		credentials_fail(step,
			"AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or "
			"AWS_SESSION_TOKEN has a blank or a strange character "
			"in it");
	else
		found(step);
	return true;
}

static bool
from_file(struct credentials_chain *chain, struct credentials_step *step)
{
	struct err err;
	switch (credentials_file_read(chain->world, chain->keys, &err)) {
	case CREDENTIALS_FILE_KEYS:
		found(step);
		return true;
	case CREDENTIALS_FILE_WRONG:
		credentials_fail(step, "no keys for AWS: %s", err.text);
		return true;
	case CREDENTIALS_FILE_NONE:
		break;
	}
	chain->file = arena_dup(chain->arena, err.text);
	return false;
}

void
credentials_chain_step(struct credentials_chain *chain,
	const struct http_response *answer, struct credentials_step *step)
{
	if (chain->place != CREDENTIALS_NOWHERE)
		credentials_remote_step(chain, answer, step);
	else if (!from_environment(chain, step) && !from_file(chain, step)
		&& !credentials_remote_container(chain, step))
		credentials_remote_instance(chain, step);
}
