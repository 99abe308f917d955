package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/droplets-go/droplets/dropletstest"
)

// notice is the result of a control.
type notice struct {
	OK      bool
	Text    string
	Request controlRequest
	Status  int // of the response; 0 if there was none
}

// maxForm is the largest form in bytes. The forms of the page are far smaller.
const maxForm = 64 << 10

// fragmentHeader is a header that the script of the page sends. The response is then the notice alone.
const fragmentHeader = "X-Fragment"

// confirmation is the data of the page with the question of a control, for browsers without scripts.
type confirmation struct {
	Control control
	Form    map[string]string
}

// serveControl sends the request of the control in the form. The response is the notice or, for browsers without scripts, a redirect
// to the page with the notice.
func (p *page) serveControl(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	c, ok := controls[r.PostForm.Get("do")]
	if !ok {
		http.Error(w, "unknown control", http.StatusBadRequest)
		return
	}
	if c.Confirm != "" && r.PostForm.Get("confirm") != "yes" {
		writeHTML(w, "confirm", confirmation{c, map[string]string{"do": c.Name, "droplet": r.PostForm.Get("droplet")}})
		return
	}
	req, err := c.request(r.PostForm)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	n := p.send(r.Context(), r.Host, c, req)
	if r.Header.Get(fragmentHeader) != "" {
		writeHTML(w, "notice", n)
		return
	}
	http.Redirect(w, r, "/?notice="+p.notices.add(n), http.StatusSeeOther)
}

// send sends a request in process, through the handler for other clients. It returns the result, also if the request fails.
func (p *page) send(ctx context.Context, host string, c control, req controlRequest) *notice {
	r, err := http.NewRequestWithContext(ctx, req.Method, "http://"+host+req.Path, strings.NewReader(req.Body))
	if err != nil {
		return &notice{Text: err.Error(), Request: req}
	}
	r.Header.Set("Authorization", "Bearer "+cmp.Or(p.server.current.Load().settings.Token, dropletstest.Token))
	r.Header.Set("User-Agent", "fakeapi-page")
	if req.Body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := respondInProcess(p.next, r)
	n := &notice{OK: resp.status/100 == 2, Text: c.Done, Request: req, Status: resp.status}
	switch {
	case err != nil:
		n.Text = c.Label + ": " + err.Error() + "."
	case !n.OK:
		n.Text = fmt.Sprintf("%s: %s", c.Label, resp.message())
	}
	return n
}

// inProcessResponse is an [http.ResponseWriter] that keeps the response.
type inProcessResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *inProcessResponse) Header() http.Header { return w.header }

func (w *inProcessResponse) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *inProcessResponse) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

var errBroken = errors.New("the connection broke, as planned by a fault")

// respondInProcess returns the response of h. If a fault breaks the connection, which is a panic of the handler, it returns errBroken
// and a response with the status 0.
func respondInProcess(h http.Handler, r *http.Request) (resp *inProcessResponse, err error) {
	resp = &inProcessResponse{header: make(http.Header)}
	defer func() {
		switch cause := recover(); cause {
		case nil:
			resp.WriteHeader(http.StatusOK)
		case http.ErrAbortHandler:
			resp.status, err = 0, errBroken
		default:
			panic(cause)
		}
	}()
	h.ServeHTTP(resp, r)
	return resp, nil
}

// message returns the message of an error response of the API, or of the control API.
func (w *inProcessResponse) message() string {
	var body struct{ Message, Error string }
	_ = json.Unmarshal(w.body.Bytes(), &body) // the body of a fault may not be JSON
	return cmp.Or(body.Message, body.Error, http.StatusText(w.status))
}

// keptNotices is the number of notices that are kept for redirects.
const keptNotices = 16

// notices keeps the last notices for the page to which a browser is redirected. The zero value is empty.
type notices struct {
	mu   sync.Mutex
	last int
	kept [keptNotices]*notice
}

// add keeps a notice and returns its id.
func (n *notices) add(v *notice) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last++
	n.kept[n.last%keptNotices] = v
	return strconv.Itoa(n.last)
}

// get returns the notice with an id, or nil if it is not kept.
func (n *notices) get(id string) *notice {
	i, err := strconv.Atoi(id)
	n.mu.Lock()
	defer n.mu.Unlock()
	if err != nil || i > n.last || i <= n.last-keptNotices || i < 1 {
		return nil
	}
	return n.kept[i%keptNotices]
}
