package droplets

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/oauth2"
)

// token returns the token of an attempt, or nil if the transport authenticates.
func (p *pipeline) token(ctx context.Context) (*oauth2.Token, error) {
	if p.config.token == nil {
		return nil, nil //nolint:nilnil // no token is needed
	}
	token, err := p.requestToken(ctx)
	switch {
	case err != nil:
		return nil, err
	case token == nil || checkToken(token.AccessToken) != nil:
		return nil, errors.New("token source: the token is empty or not valid in a header")
	}
	return token, nil
}

// requestToken calls the token source. A token source has no context: if ctx is done first, requestToken returns and the
// goroutine ends when the token source returns.
func (p *pipeline) requestToken(ctx context.Context) (*oauth2.Token, error) {
	if p.config.staticToken || ctx.Done() == nil {
		token, err := p.config.token()
		return token, tokenError(err)
	}
	done := make(chan tokenResult, 1)
	go func() {
		result := tokenResult{exited: true} // replaced if the token source returns
		defer func() {
			if result.exited {
				result.panicValue = recover()
			}
			done <- result
		}()
		token, err := p.config.token()
		result = tokenResult{token: token, err: err}
	}()
	select {
	case result := <-done:
		if result.panicValue != nil {
			panic(result.panicValue)
		}
		if result.exited {
			runtime.Goexit()
		}
		return result.token, tokenError(result.err)
	case <-ctx.Done():
		return nil, contextError(ctx)
	}
}

// tokenResult is the outcome of a call of the token source.
type tokenResult struct {
	token      *oauth2.Token
	err        error
	exited     bool // the call did not return: it panicked or called runtime.Goexit
	panicValue any  // nil after runtime.Goexit
}

// tokenError returns err with a text that names the token source, or nil.
func tokenError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("token source: %w", withoutCall(err))
}
