package dropletstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// call is one request on its way through the API.
type call struct {
	req   *http.Request
	query url.Values
	body  []byte
	id    string    // the request id
	began time.Time // when it came
	now   time.Time // when the API acts on it

	route    *route   // nil when there is none
	args     []string // what the path has in the places of the pattern's variables
	unrouted *refusal // why there is no route
	record   *Request // what is remembered of it
}

// operation is the API's own id of it; empty when there is none.
func (c *call) operation() string {
	if c.route == nil {
		return ""
	}
	return c.route.operation
}

// answer is what an operation has to say: a status, and a body unless value is nil.
type answer struct {
	status int
	value  any
}

// refusal is an answer that is an error.
type refusal struct {
	status     int
	message    string
	retryAfter time.Duration
}

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, message: fmt.Sprintf(format, args...)}
}

func unprocessable(format string, args ...any) *refusal {
	return refuse(http.StatusUnprocessableEntity, format, args...)
}

var (
	unauthorized     = refuse(http.StatusUnauthorized, "Unable to authenticate you")
	notFound         = refuse(http.StatusNotFound, "The resource you were accessing could not be found.")
	methodNotAllowed = refuse(http.StatusMethodNotAllowed, "The method is not allowed for this resource.")
	tooLarge         = refuse(http.StatusRequestEntityTooLarge, "The body is too large.")
	pendingEvent     = unprocessable("Droplet already has a pending event.")
	blockingEvents   = unprocessable("There are currently blocking events processing for one or more of the Droplets.")
)

// errorIDs are the API's short words for its statuses.
var errorIDs = map[int]string{
	http.StatusBadRequest:            "bad_request",
	http.StatusUnauthorized:          "unauthorized",
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "not_found",
	http.StatusMethodNotAllowed:      "method_not_allowed",
	http.StatusConflict:              "conflict",
	http.StatusUnprocessableEntity:   "unprocessable_entity",
	http.StatusTooManyRequests:       "too_many_requests",
	http.StatusInternalServerError:   "server_error",
	http.StatusBadGateway:            "bad_gateway",
	http.StatusServiceUnavailable:    "service_unavailable",
	http.StatusGatewayTimeout:        "gateway_timeout",
	http.StatusRequestEntityTooLarge: "request_entity_too_large",
}

type errorBody struct {
	ID        string `json:"id"`
	Message   string `json:"message"`
	RequestID string `json:"request_id"`
}

// reply is an answer as it goes out.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// reply encodes while the state is still locked: the answer's value is the state itself, not a copy.
func (a *API) reply(c *call, ans answer, no *refusal) reply {
	rep := reply{status: ans.status, header: make(http.Header, 8)}
	value := ans.value
	if no != nil {
		rep.status = no.status
		value = errorBody{ID: errorIDs[no.status], Message: no.message, RequestID: c.id}
		if no.retryAfter > 0 {
			rep.header.Set("Retry-After", strconv.Itoa(seconds(no.retryAfter)))
		}
	}
	rep.header.Set("Content-Type", "application/json; charset=utf-8")
	rep.header.Set("X-Request-Id", c.id)
	a.limiter.describe(rep.header, c.now, a.config.limits)
	if value != nil {
		rep.body = encode(value)
	}
	return rep
}

// encode writes JSON as the API does, with & and < as they are in links.
func encode(value any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic("dropletstest: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (rep reply) writeHeader(w http.ResponseWriter) {
	h := w.Header()
	maps.Copy(h, rep.header)
	if rep.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(rep.body)))
	}
	w.WriteHeader(rep.status)
}

func (rep reply) write(w http.ResponseWriter, r *http.Request) {
	rep.writeHeader(w)
	if r.Method != http.MethodHead && len(rep.body) > 0 {
		_, _ = w.Write(rep.body) // whoever asked has gone
	}
}

// seconds rounds up: who waits that long has waited long enough.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
