package main

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/droplets-go/droplets/dropletstest"
)

// requestLog is the response of GET /_fake/requests. Requests has the newest of the Total requests that match, the oldest first.
type requestLog struct {
	Requests []loggedRequest `json:"requests"`
	Total    int             `json:"total"`
}

// loggedRequest is a request that the fake received. A body that is not UTF-8 is in BodyBase64, and Body is empty.
type loggedRequest struct {
	ID         string      `json:"id"`
	Time       time.Time   `json:"time"`
	Operation  string      `json:"operation"`
	Method     string      `json:"method"`
	Path       string      `json:"path"`
	Query      url.Values  `json:"query"`
	Headers    http.Header `json:"headers"`
	Body       string      `json:"body"`
	BodyBase64 []byte      `json:"body_base64,omitempty"`
	Status     int         `json:"status"`
	Duration   string      `json:"duration"`
	InProgress bool        `json:"in_progress,omitzero"`
}

func newLoggedRequest(r dropletstest.Request) loggedRequest {
	logged := loggedRequest{ID: r.ID, Time: r.Time, Operation: r.Operation, Method: r.Method, Path: r.Path, Query: r.Query,
		Headers: r.Header, Status: r.Status, Duration: r.Duration.String(), InProgress: r.InProgress}
	if utf8.Valid(r.Body) {
		logged.Body = string(r.Body)
	} else {
		logged.BodyBase64 = r.Body
	}
	return logged
}

func getRequests(c *controlCall) (any, error) {
	query := c.URL.Query()
	operation, method, pattern := query.Get("operation"), query.Get("method"), query.Get("path")
	if err := firstError(checkOperation(operation), checkMethod(method), checkPath(pattern)); err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(c.api.Requests(), func(r dropletstest.Request) bool {
		matched, _ := path.Match(pattern, path.Clean(r.Path)) // checkPath accepts only valid patterns
		return operation != "" && r.Operation != operation || method != "" && !strings.EqualFold(r.Method, method) || pattern != "" && !matched
	})
	log := requestLog{Requests: []loggedRequest{}, Total: len(all)}
	if query.Has("limit") {
		limit, err := strconv.Atoi(query.Get("limit"))
		if err != nil || limit < 0 {
			return nil, fieldErrorf("limit", "must be a number of requests, not %q", query.Get("limit"))
		}
		all = all[max(len(all)-limit, 0):]
	}
	for _, r := range all {
		log.Requests = append(log.Requests, newLoggedRequest(r))
	}
	return log, nil
}

type ledgerEntries struct {
	Entries []dropletstest.Entry `json:"entries"`
}

func getLedger(c *controlCall) (any, error) {
	return ledgerEntries{append([]dropletstest.Entry{}, c.api.Ledger()...)}, nil
}
