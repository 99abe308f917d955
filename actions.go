package droplets

import (
	"context"
	"iter"
	"net/http"
	"strconv"
)

// ActionsService lists the actions of the account, on Droplets and on other resources. It is safe for concurrent use.
type ActionsService service

// List returns one page of the account's actions, newest first. If opts is nil, it returns the first page of 20. To list all
// pages, use [ActionsService.All].
//
// DigitalOcean API: GET /v2/actions
func (s *ActionsService) List(ctx context.Context, opts *ListOptions, co ...CallOption) (*Page[Action], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root actionsRoot
	err = s.pipeline.invoke(ctx, call{operation: "actions_list", method: http.MethodGet, path: "v2/actions", query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Actions, root.pageInfo, opts), nil
}

// All returns an iterator over the actions of the account, newest first. It works like [DropletsService.All], with
// the same guarantee and the same errors.
//
// DigitalOcean API: GET /v2/actions
func (s *ActionsService) All(ctx context.Context, opts *ListOptions, co ...CallOption) iter.Seq2[Action, error] {
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[Action], error) {
		return s.List(ctx, &page, co...)
	}
	return all(ctx, opts.orDefault(), co, fetch, func(a *Action) int64 { return a.ID })
}

// Get returns an action of the account by its ID. If there is no such action, the error matches [ErrNotFound].
//
// DigitalOcean API: GET /v2/actions/{action_id}
func (s *ActionsService) Get(ctx context.Context, actionID int64, co ...CallOption) (*Action, error) {
	if err := checkID("actionID", actionID); err != nil {
		return nil, err
	}
	return invokeForAction(ctx, s.pipeline, call{operation: "actions_get", method: http.MethodGet,
		path: "v2/actions/" + strconv.FormatInt(actionID, 10)}, co)
}

// invokeForAction sends a call and returns the action in its response.
func invokeForAction(ctx context.Context, p *pipeline, cl call, co []CallOption) (*Action, error) {
	var root actionRoot
	if err := p.invoke(ctx, cl, &root, co); err != nil {
		return nil, err
	}
	return root.Action, nil
}
