package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/droplets-go/droplets/dropletstest"
)

// server serves the API of an account and the control API. A reset replaces the account, so that requests in progress cannot change
// the new one.
type server struct {
	settings settings
	started  time.Time
	log      *slog.Logger
	saved    []byte // the state that was loaded at the start; nil for none
	guard    *guard

	resetting sync.Mutex
	current   atomic.Pointer[account]
}

// account is a fake and the context that ends its requests.
type account struct {
	api      *dropletstest.API
	settings accountSettings
	ended    context.Context //nolint:containedctx // it is the lifetime of the account and not of a call
	end      context.CancelFunc
}

// newServer returns a server with an account. If saved is not nil, it is the state of the account at the start.
func newServer(s settings, saved []byte, log *slog.Logger) (*server, error) {
	srv := &server{settings: s, started: time.Now(), saved: saved, log: log, guard: newGuard(s.addr, s.allowedHosts)}
	if saved != nil && s.account.Seed > 0 {
		log.Warn("-seed is ignored, because a saved state was loaded", "file", s.state)
		srv.settings.account.Seed = 0
	}
	return srv, srv.reset(srv.settings.account)
}

func (s *server) api() *dropletstest.API { return s.current.Load().api }

// reset replaces the account with a new one that has these settings. Requests in progress on the old one end.
func (s *server) reset(settings accountSettings) error {
	s.resetting.Lock()
	defer s.resetting.Unlock()
	options, err := settings.options(s.started)
	if err != nil {
		return err
	}
	api := dropletstest.New(append(options, dropletstest.WithLogger(s.log))...)
	if s.saved != nil {
		if err := api.ReadState(bytes.NewReader(s.saved)); err != nil {
			return err
		}
	}
	api.Seed(settings.Seed)
	for _, f := range s.settings.faults {
		api.Respond(f.Remaining, f.Match, f.Fault)
	}
	ended, end := context.WithCancel(context.Background())
	if old := s.current.Swap(&account{api, settings, ended, end}); old != nil {
		old.end()
	}
	return nil
}

// endRequests ends delayed requests. Under a manual clock, they would not end otherwise.
func (s *server) endRequests() { s.current.Load().end() }

// ServeHTTP serves the control API and passes other requests to the account.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isControlPath(r.URL.Path) {
		s.serveControl(w, r)
		return
	}
	current := s.current.Load()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(current.ended, cancel)()
	current.api.ServeHTTP(w, r.WithContext(ctx))
}
