#include <stdlib.h>

#include "tests/golden/golden.h"
#include "tests/golden/play.h"

static void
test_case(json_t *game, const char *stem)
{
	char *text = play(game);
	golden_assert(stem, text);
	free(text);
}

int
main(void)
{
	static const char *const folders[] = { "cachet", "dingtalk", "email",
		"feishu", "slack", "webhook", "wecom", NULL };
	return golden_run("reporters", folders, test_case);
}
