package droplets

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// TagsService manages tags and assigns them to resources. Its methods reject names that the API does not accept: letters,
// digits, colons, dashes and underscores are allowed, up to 255 of them. The case of a name matters: use the name as it was
// created. The service is safe for concurrent use.
type TagsService service

// tagPath returns the path of a tag followed by more, or an error if the name is not valid.
func tagPath(name, more string) (string, error) {
	if err := checkTagName("name", name); err != nil {
		return "", err
	}
	return "v2/tags/" + url.PathEscape(name) + more, nil
}

// List returns one page of the tags of the account. If opts is nil, it returns the first page of 20. The token needs the scope
// tag:read.
//
// DigitalOcean API: GET /v2/tags
func (s *TagsService) List(ctx context.Context, opts *ListOptions, co ...CallOption) (*Page[Tag], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root tagsRoot
	err = s.pipeline.invoke(ctx, call{operation: "tags_list", method: http.MethodGet, path: "v2/tags", query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Tags, root.pageInfo, opts), nil
}

// All returns an iterator over the tags of the account. It works like [DropletsService.All], with the same guarantee and the
// same errors.
//
// DigitalOcean API: GET /v2/tags
func (s *TagsService) All(ctx context.Context, opts *ListOptions, co ...CallOption) iter.Seq2[Tag, error] {
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[Tag], error) {
		return s.List(ctx, &page, co...)
	}
	return all(ctx, opts.orDefault(), co, fetch, func(t *Tag) string { return t.Name })
}

// Get returns a tag with the number of resources that have it. To list the Droplets with a tag, use [DropletsService.All]. If
// there is no such tag, the error matches [ErrNotFound]. The token needs the scope tag:read.
//
// DigitalOcean API: GET /v2/tags/{tag_id}
func (s *TagsService) Get(ctx context.Context, name string, co ...CallOption) (*Tag, error) {
	path, err := tagPath(name, "")
	if err != nil {
		return nil, err
	}
	var root tagRoot
	err = s.pipeline.invoke(ctx, call{operation: "tags_get", method: http.MethodGet, path: path}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.tag(), nil
}

// Create creates a tag that no resource has yet. [TagsService.Assign] requires a tag that exists; a create of a Droplet creates
// missing tags. The token needs the scope tag:create.
//
// A create is not retried if its outcome is unknown, and the error then matches [ErrMaybeApplied]. It is harmless to send the
// create twice, because a name identifies one tag: [ResendUncertain] allows it.
//
// DigitalOcean API: POST /v2/tags
func (s *TagsService) Create(ctx context.Context, name string, co ...CallOption) (*Tag, error) {
	if err := checkTagName("name", name); err != nil {
		return nil, err
	}
	var root tagRoot
	err := s.pipeline.invoke(ctx, call{operation: "tags_create", method: http.MethodPost, path: "v2/tags", body: tagCreateBody{name}}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.tag(), nil
}

// Delete deletes a tag and removes it from all resources that have it. It does not delete the resources; to delete the
// Droplets with a tag, use [DropletsService.DeleteByTag]. If there is no such tag, the error matches [ErrNotFound]. The token
// needs the scope tag:delete.
//
// A delete with an unknown outcome is retried. If another program may create the tag again at the same moment, use
// [WithoutRetries]: the retry would delete the new tag.
//
// DigitalOcean API: DELETE /v2/tags/{tag_id}
func (s *TagsService) Delete(ctx context.Context, name string, co ...CallOption) error {
	path, err := tagPath(name, "")
	if err != nil {
		return err
	}
	return s.pipeline.invoke(ctx, call{operation: "tags_delete", method: http.MethodDelete, path: path}, nil, co)
}

// Assign adds a tag to resources. The tag must exist. Assign rejects a call without resources. If the tag or one of the
// resources does not exist, the error matches [ErrNotFound]. The token needs the scope tag:create.
//
// An Assign is not retried if its outcome is unknown, and the error then matches [ErrMaybeApplied]. It is harmless to call
// Assign again, because a resource has a tag only once.
//
// DigitalOcean API: POST /v2/tags/{tag_id}/resources
func (s *TagsService) Assign(ctx context.Context, name string, resources ...TaggedResource) error {
	return s.changeResources(ctx, "tags_assign_resources", http.MethodPost, name, resources)
}

// Unassign removes a tag from resources. It does not delete the resources or the tag. It rejects a call without resources. If
// the tag or one of the resources does not exist, the error matches [ErrNotFound]. The token needs the scope tag:delete.
//
// An Unassign with an unknown outcome is retried. If the response to a retry is a 404, the error matches [ErrNotFound] and
// [ErrMaybeApplied]. Unlike a 404 for a delete, it does not mean that the tag was removed: one of several resources may not
// exist, and the others may still have the tag.
//
// DigitalOcean API: DELETE /v2/tags/{tag_id}/resources
func (s *TagsService) Unassign(ctx context.Context, name string, resources ...TaggedResource) error {
	return s.changeResources(ctx, "tags_unassign_resources", http.MethodDelete, name, resources)
}

// changeResources sends the request of Assign or Unassign.
func (s *TagsService) changeResources(ctx context.Context, operation, method, name string, resources []TaggedResource) error {
	path, err := tagPath(name, "/resources")
	if err != nil {
		return err
	}
	body, err := newTagResourcesBody(resources)
	if err != nil {
		return err
	}
	return s.pipeline.invoke(ctx, call{operation: operation, method: method, path: path, body: body, notFoundIsFinal: true}, nil, nil)
}
