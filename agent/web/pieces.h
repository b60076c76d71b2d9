/*
 * A body that is made while it is sent, so that a long one neither holds up
 * the loop nor stands in memory at once.
 */
#pragma once

#include "agent/web/router.h"

struct MHD_Response;

/** NULL when there is no memory. */
struct MHD_Response *web_pieces_response(
	web_piece_fn *piece, const struct web_request *request);
