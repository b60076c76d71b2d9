#include "agent/model/result.h"

#include <stdlib.h>

void
result_finish(struct result *result)
{
	free(result->detail);
	result->detail = NULL;
	free(result->evidence);
	result->evidence = NULL;
}
