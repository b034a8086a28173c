# SPDX-License-Identifier: GPL-2.0-or-later
"""A server for tests of the program voisin: a handful of texts, and answers that a test may script.

Server(answer) listens on a free port of 127.0.0.1, or on a Unix socket at `path`; `answer(request)` gives a result (a dict), an Error,
or bytes that are sent as they are.  The usual one is Library().answer.
"""
import json
import re
import socket
import threading


class Error(Exception):
    def __init__(self, code, message, **data):
        super().__init__(message)
        self.reply = {"code": code, "message": message, "data": data}


class Server:
    def __init__(self, answer, path=None):
        self.answer = answer
        self.requests = []
        if path is None:
            self.listener = socket.create_server(("127.0.0.1", 0))
            self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        else:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(path)
            self.listener.listen()
            self.address = "unix:" + path
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def close(self):
        # The thread must be out of accept() before the descriptor's number can be another server's.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    connection.sendall(self.reply(json.loads(line)))
        except OSError:
            pass

    def reply(self, request):
        self.requests.append(request)
        reply = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            result = self.answer(request)
            if isinstance(result, bytes):
                return result
            reply["result"] = result
        except Error as error:
            reply["error"] = error.reply
        return json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class Library:
    """Texts by id; a query is a list of words, and a match is one of each, in any order, the first there is."""

    def __init__(self, texts):
        self.texts = texts

    def answer(self, request):
        return getattr(self, request["method"])(request.get("params", {}))

    def ping(self, params):
        return {"version": "0.1.0", "protocol": 1}

    def stats(self, params):
        return {"version": "0.1.0", "protocol": 1, "documents": len(self.texts), "limits": {"request_bytes": 65536}}

    def suggest(self, params):
        return {"completions": [], "corrections": [], "generation": "gen-000001.1", "ms": 0.1}

    def document(self, params):
        if params["id"] not in self.texts:
            raise Error(-32006, "there is no document " + params["id"], status="not_found")
        text = self.texts[params["id"]]
        offset = params.get("offset", 0)
        data = text["text"].encode()
        while offset > 0 and offset < len(data) and data[offset] & 0xC0 == 0x80:
            offset -= 1
        end = min(len(data), offset + min(params.get("length", 262144), 70000))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        return dict(self.head(params["id"]), text=data[offset:end].decode(), offset=offset, bytes=len(data),
                    more=end < len(data), generation="gen-000001.1")

    def explain(self, params):
        return {"understood": params["q"].lower(), "exact": True, "cost": 12, "generation": "gen-000001.1",
                "xapian": "Query((Zcess@1 PHRASE 3 Zfeu@3))", "index": "inverted",
                "tree": {"kind": "near", "distance": 10, "children": [
                    {"kind": "phrase", "children": [{"kind": "word", "text": "cessez", "form": "stem"}]},
                    {"kind": "word", "text": "al\x1bep", "form": "exact"}]}}

    def search(self, params):
        words = params["q"].split()
        hits = [hit for hit in (self.hit(id, words, params) for id in sorted(self.texts)) if hit]
        total = {"value": len(hits), "relation": "eq" if params.get("total") == "exact" else "estimate"}
        start, limit = params.get("offset", 0), params.get("limit", 10)
        result = {"understood": " ".join(words), "total": total, "generation": "gen-000001.1", "ms": 0.5}
        if "cursor" in params:
            start = int(params["cursor"] or 0)
            result["cursor"] = str(start + limit) if start + limit < len(hits) else None
        return dict(result, hits=hits[start:start + limit])

    def head(self, id):
        text = self.texts[id]
        return {"id": id, "title": text["title"], "date": text.get("date", ""), "source": text.get("source", ""),
                "url": text.get("url", "")}

    def hit(self, id, words, params):
        text = self.texts[id]["text"]
        places = [[m.span() for m in re.finditer(re.escape(word), text)] for word in words]
        if not all(places):
            return None
        if params.get("detail") == "id":
            return {"id": id, "score": 0.1}
        hit = dict(self.head(id), score=0.1, distance=3 if len(words) > 1 else None, passages=[])
        if params.get("passages", 2) > 0:
            hit["passages"].append(self.passage(text, sorted(span for some in places for span in some)))
        if params.get("matches", 0) > 0:
            matches = [self.match(text, spans) for spans in zip(*places)]
            hit["matches"] = matches[:params["matches"]]
            hit["total_matches"] = self.texts[id].get("total_matches", len(matches))
        return hit

    def span(self, text, start, end):
        return {"zone": "text", "offset": len(text[:start].encode()), "length": len(text[start:end].encode())}

    def match(self, text, spans):
        return {"distance": 3, "spans": [self.span(text, *span) for span in spans],
                "sentence": self.span(text, 0, len(text))}

    def passage(self, text, spans):
        segments, at = [], 0
        for start, end in spans:
            if start > at:
                segments.append({"text": text[at:start], "mark": False})
            segments.append({"text": text[start:end], "mark": True})
            at = end
        if at < len(text):
            segments.append({"text": text[at:], "mark": False})
        return {"zone": "text", "offset": 0, "cut_before": False, "cut_after": True, "segments": segments}
