package dropletstest

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// result is the result of a handler: the status and the value of the body. If the value is nil, the response has no body.
type result struct {
	status int
	value  any
}

var (
	accepted  = result{status: http.StatusAccepted}
	noContent = result{status: http.StatusNoContent}
)

// response is an encoded HTTP response.
type response struct {
	status int
	header http.Header
	body   []byte
}

// encodeResponse encodes a result, or apiErr if it is not nil. The caller must hold the lock, because the value of a result
// refers to the state and is not a copy.
func (a *API) encodeResponse(c *call, res result, apiErr *apiError) response {
	resp := response{status: res.status, header: make(http.Header, 8)}
	value := res.value
	if apiErr != nil {
		resp.status = apiErr.status
		value = apiErrorBody{ID: apiErrorIDs[apiErr.status], Message: apiErr.message, RequestID: c.id}
		if apiErr.retryAfter > 0 {
			resp.header.Set("Retry-After", strconv.Itoa(roundUpSeconds(apiErr.retryAfter)))
		}
	}
	resp.header.Set("Content-Type", "application/json; charset=utf-8")
	resp.header.Set("X-Request-Id", c.id)
	a.limiter.setHeaders(resp.header, c.now, a.config.limits)
	if value != nil {
		resp.body = encodeJSON(value)
	}
	return resp
}

// encodeJSON encodes a value without escaping &, < and >, like the API.
func encodeJSON(value any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic("dropletstest: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (resp response) writeHeader(w http.ResponseWriter) {
	h := w.Header()
	maps.Copy(h, resp.header)
	if resp.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(resp.body)))
	}
	w.WriteHeader(resp.status)
}

func (resp response) write(w http.ResponseWriter, r *http.Request) {
	resp.writeHeader(w)
	if r.Method != http.MethodHead && len(resp.body) > 0 {
		_, _ = w.Write(resp.body) // an error means that the client disconnected
	}
}

// writePartial writes the header of the complete response and the first half of the body.
func (resp response) writePartial(w http.ResponseWriter) {
	resp.writeHeader(w)
	_, _ = w.Write(resp.body[:len(resp.body)/2]) // an error means that the client disconnected
	_ = http.NewResponseController(w).Flush()    // otherwise the server would drop what it has buffered
}

// roundUpSeconds returns d in seconds, rounded up, so that a client does not wait less than d.
func roundUpSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
