package dropletstest

import (
	"fmt"
	"net/http"
	"time"
)

// apiError is an error response. Its message imitates that of the real API.
type apiError struct {
	status     int
	message    string
	retryAfter time.Duration // the Retry-After header, if positive
}

func newAPIError(status int, format string, args ...any) *apiError {
	return &apiError{status: status, message: fmt.Sprintf(format, args...)}
}

func unprocessable(format string, args ...any) *apiError {
	return newAPIError(http.StatusUnprocessableEntity, format, args...)
}

var (
	unauthorized     = newAPIError(http.StatusUnauthorized, "Unable to authenticate you")
	notFound         = newAPIError(http.StatusNotFound, "The resource you were accessing could not be found.")
	methodNotAllowed = newAPIError(http.StatusMethodNotAllowed, "The method is not allowed for this resource.")
	tooLarge         = newAPIError(http.StatusRequestEntityTooLarge, "The body is too large.")
	pendingEvent     = unprocessable("Droplet already has a pending event.")
	blockingEvents   = unprocessable("There are currently blocking events processing for one or more of the Droplets.")
)

// apiErrorIDs maps HTTP statuses to the error ids of the API.
var apiErrorIDs = map[int]string{
	http.StatusBadRequest:            "bad_request",
	http.StatusUnauthorized:          "unauthorized",
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "not_found",
	http.StatusMethodNotAllowed:      "method_not_allowed",
	http.StatusConflict:              "conflict",
	http.StatusUnprocessableEntity:   "unprocessable_entity",
	http.StatusTooManyRequests:       "too_many_requests",
	http.StatusInternalServerError:   "server_error",
	http.StatusNotImplemented:        "not_implemented",
	http.StatusBadGateway:            "bad_gateway",
	http.StatusServiceUnavailable:    "service_unavailable",
	http.StatusGatewayTimeout:        "gateway_timeout",
	http.StatusRequestEntityTooLarge: "request_entity_too_large",
}

// apiErrorBody is the JSON body of an error response.
type apiErrorBody struct {
	ID        string `json:"id"`
	Message   string `json:"message"`
	RequestID string `json:"request_id"`
}
