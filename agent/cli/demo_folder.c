#include "agent/cli/demo_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/err.h"

/* Its %s are where the world is, thrice, and the folder. */
static const char config[] =
	"endpoints:\n"
	"  - name: home\n"
	"    url: http://%s/home\n"
	"    frequency: 500ms\n"
	"  - name: shop\n"
	"    url: http://%s/shop\n"
	"    frequency: 500ms\n"
	"    timeout: 2s\n"
	"    allowed_fails: 1\n"
	"    recover_after: 2\n"
	"    expectation:\n"
	"      - {type: HTTP_STATUS, status_range: 200-299, incident: MAJOR}\n"
	"      - {type: LATENCY, threshold: 0.3}\n"
	"      - {type: REGEX, regex: '.*fresh bread.*'}\n"
	"reporters:\n"
	"  - name: hook\n"
	"    type: webhook\n"
	"    url: http://%s/hook\n"
	"    body: {title: '{title}', message: '{message}', status: "
	"'{status}'}\n"
	"state: %s/curlew.db\n";

static bool
write_config(const struct demo_folder *folder, const char *where)
{
	FILE *file = fopen(folder->config, "w");
	if (!file)
		return false;
	fprintf(file, config, where, where, where, folder->path);
	return fclose(file) == 0;
}

bool
cli_folder_make(struct demo_folder *folder, const char *where, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	if (!tmp || tmp[0] == '\0')
		tmp = "/tmp";
	static const char name[] = "/curlew-demo-XXXXXX";
	static const char file[] = "/config.yml";
	if (strlen(tmp) + sizeof name + sizeof file > DEMO_PATH_SIZE)
		return err_set(err, "TMPDIR is too long");

	snprintf(folder->path, DEMO_PATH_SIZE, "%s%s", tmp, name);
	if (!mkdtemp(folder->path))
		return err_set(err, "cannot make a folder in %s: %s", tmp,
			strerror(errno));
	snprintf(folder->config, DEMO_PATH_SIZE, "%.*s%s",
		DEMO_PATH_SIZE - (int)sizeof file, folder->path, file);
	if (write_config(folder, where))
		return true;
	err_set(err, "cannot write %s: %s", folder->config, strerror(errno));
	cli_folder_remove(folder);
	return false;
}

void
cli_folder_remove(const struct demo_folder *folder)
{
	DIR *dir = opendir(folder->path);
	if (!dir)
		return;
	for (;;) {
		/* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own */
		const struct dirent *entry = readdir(dir);
		if (!entry)
			break;
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	}
	closedir(dir);
	(void)rmdir(folder->path);
}
