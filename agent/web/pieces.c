#include "agent/web/pieces.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/base/str.h"

enum {
	PIECE_MAX = 1024 * 1024,
	BLOCK_SIZE = 32 * 1024, /* what is sent in one turn of the loop */
};

struct pieces {
	web_piece_fn *piece;
	struct agent *agent;
	uint64_t at;
	struct buf out;
	size_t sent; /* of `out` */
	bool ended;
};

static ssize_t
on_room(void *cookie, uint64_t position, char *to, size_t room)
{
	struct pieces *pieces = cookie;
	(void)position;
	while (pieces->sent == pieces->out.len && !pieces->ended) {
		buf_clear(&pieces->out), pieces->sent = 0;
		pieces->ended = !pieces->piece(
			pieces->agent, &pieces->at, &pieces->out);
	}
	size_t len = pieces->out.len - pieces->sent;
	if (len == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (len > room)
		len = room;
	memcpy(to, pieces->out.data + pieces->sent, len);
	pieces->sent += len;
	return (ssize_t)len;
}

static void
on_end(void *cookie)
{
	struct pieces *pieces = cookie;
	buf_finish(&pieces->out);
	free(pieces);
}

struct MHD_Response *
web_pieces_response(web_piece_fn *piece, const struct web_request *request)
{
	struct pieces *pieces = mem_zalloc(sizeof(*pieces));
	pieces->piece = piece;
	pieces->agent = request->agent;
	buf_init(&pieces->out, PIECE_MAX);
	struct MHD_Response *response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, BLOCK_SIZE, on_room, pieces, on_end);
	if (!response)
		on_end(pieces);
	/* libmicrohttpd ends with an empty chunk what has no body at all. */
	else if (str_eq(request->method, "HEAD"))
		MHD_set_response_options(
			response, MHD_RF_HTTP_VERSION_1_0_ONLY, MHD_RO_END);
	return response;
}
