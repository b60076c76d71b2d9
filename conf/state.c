/* Where the state file is when nobody says. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "conf/conf.h"
#include "conf/document.h"

static const char usual_folder[] = "/var/lib/curlew";

/* An absolute path, or NULL. */
static const char *
folder_from(const char *variable)
{
	const char *folder = getenv(variable);
	return folder && *folder == '/' ? folder : NULL;
}

const char *
conf_default_state(struct arena *arena, struct err *err)
{
	/* systemd's is a list; the first is ours. */
	const char *folder = folder_from("STATE_DIRECTORY");
	if (folder)
		return arena_printf(arena, "%.*s/curlew.db",
			(int)strcspn(folder, ":"), folder);
	if (access(usual_folder, W_OK | X_OK) == 0)
		return arena_printf(arena, "%s/curlew.db", usual_folder);
	folder = folder_from("XDG_STATE_HOME");
	if (folder)
		return arena_printf(arena, "%s/curlew/curlew.db", folder);
	folder = folder_from("HOME");
	if (folder)
		return arena_printf(
			arena, "%s/.local/state/curlew/curlew.db", folder);
	err_set(err,
		"is missing, and neither STATE_DIRECTORY nor HOME is set; "
		"write the path of a file that the agent may keep");
	return NULL;
}

/* All other keys are none of its business. */
struct only_state {
	const char *state;
};

static const struct conf_field only_fields[] = {
	{ "state", CONF_STRING(struct only_state, state),
		.help = "The file that remembers what was told." },
	{ 0 },
};

static const struct conf_section only_section = {
	.name = "config.yml",
	.size = sizeof(struct only_state),
	.fields = only_fields,
	.of_old = true,
};

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	(void)cookie, (void)severity, (void)message;
}

const char *
conf_state_of(const char *path, struct arena *arena, struct err *err)
{
	static const struct conf_variant *const none[] = { NULL };
	const struct conf_types types = { .families = { none, none } };
	const struct only_state *only = conf_read(
		path, &only_section, &types, arena, on_complaint, NULL);
	if (!only) {
		err_set(err, "%s cannot be read as YAML", path);
		return NULL;
	}
	if (only->state && *only->state != '\0')
		return only->state;
	return conf_default_state(arena, err);
}
