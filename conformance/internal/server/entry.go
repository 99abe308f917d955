// Package server checks the requests of a client against the OpenAPI document. [Mock] responds with the examples of the document,
// [Proxy] forwards requests to another server and checks its responses too.
package server

import (
	"encoding/json"
	"io"
	"sync"

	"github.com/droplets-go/droplets/conformance/internal/check"
)

// Entry is a line of the log: one request, its response, and the findings. It contains no token.
type Entry struct {
	Seq         int             `json:"seq"`
	OperationID string          `json:"operationId,omitempty"`
	Method      string          `json:"method"`
	Path        string          `json:"path"`
	Query       string          `json:"query,omitempty"`
	Body        string          `json:"body,omitempty"` // only if there are findings
	Status      int             `json:"status"`
	Response    string          `json:"response,omitempty"` // only if there are findings
	Violations  []check.Finding `json:"violations,omitempty"`
	Lints       []check.Finding `json:"lints,omitempty"`
}

const loggedBody = 4 << 10 // bytes of a body that are logged

// Log writes entries as JSON, one in a line. It is safe for concurrent use.
type Log struct {
	mu  sync.Mutex
	w   io.Writer
	seq int
	err error
}

// NewLog returns a log that writes to w.
func NewLog(w io.Writer) *Log { return &Log{w: w} }

func (l *Log) add(e Entry, body, response []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	e.Seq = l.seq
	if len(e.Violations)+len(e.Lints) > 0 {
		e.Body, e.Response = string(body[:min(len(body), loggedBody)]), string(response[:min(len(response), loggedBody)])
	}
	line, err := json.Marshal(e)
	if err == nil {
		_, err = l.w.Write(append(line, '\n'))
	}
	if l.err == nil {
		l.err = err
	}
}

// Err returns the first error of a write.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
