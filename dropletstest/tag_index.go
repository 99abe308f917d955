package dropletstest

import (
	"cmp"
	"slices"
)

// The types of the resources that can have tags, in requests and responses. Droplets, images and volumes also have actions.
const (
	resourceDroplet        = "droplet"
	resourceImage          = "image"
	resourceVolume         = "volume"
	resourceVolumeSnapshot = "volume_snapshot"
)

// resourceReservedIP is the type of reserved IPs in actions. They cannot have tags.
const resourceReservedIP = "reserved_ip"

// accountTag is a tag of the account with its resources.
type accountTag struct {
	name            string
	droplets        tagUses[int64, *droplet]
	images          tagUses[int64, *image]
	volumes         tagUses[string, *volume]
	volumeSnapshots tagUses[string, *volumeSnapshot]
	last            string // the type of the resource that was last given the tag
}

func (t *accountTag) key() string { return t.name }

// tagUses are the resources of one type that have a tag.
type tagUses[K cmp.Ordered, T keyed[K]] struct {
	list sortedList[K, T]
	last K // the key of the resource that was last given the tag, or of the newest one after that one has lost the tag
}

func (u *tagUses[K, T]) add(v T) {
	u.list.add(v)
	u.last = v.key()
}

func (u *tagUses[K, T]) remove(key K) {
	u.list.remove(key)
	if u.last == key {
		u.last = u.list.last()
	}
}

// setLast sets last. It returns false if the list has no resource with that key; for an empty list, the key must be zero.
func (u *tagUses[K, T]) setLast(key K) bool {
	u.last = key
	_, found := u.list.search(key)
	return found || len(u.list) == 0 && key == *new(K)
}

// taggable is a resource that can have tags.
type taggable interface {
	tagList() *[]string
	addTo(*accountTag)
	removeFrom(*accountTag)
}

func (d *droplet) tagList() *[]string        { return &d.Tags }
func (v *image) tagList() *[]string          { return &v.Tags }
func (v *volume) tagList() *[]string         { return &v.Tags }
func (v *volumeSnapshot) tagList() *[]string { return &v.Tags }

func (d *droplet) addTo(t *accountTag) { t.last = resourceDroplet; t.droplets.add(d) }
func (v *image) addTo(t *accountTag)   { t.last = resourceImage; t.images.add(v) }
func (v *volume) addTo(t *accountTag)  { t.last = resourceVolume; t.volumes.add(v) }
func (v *volumeSnapshot) addTo(t *accountTag) {
	t.last = resourceVolumeSnapshot
	t.volumeSnapshots.add(v)
}

func (d *droplet) removeFrom(t *accountTag)        { t.droplets.remove(d.ID) }
func (v *image) removeFrom(t *accountTag)          { t.images.remove(v.ID) }
func (v *volume) removeFrom(t *accountTag)         { t.volumes.remove(v.ID) }
func (v *volumeSnapshot) removeFrom(t *accountTag) { t.volumeSnapshots.remove(v.ID) }

// findTag returns the tag with a name, or nil.
func (s *state) findTag(name string) *accountTag {
	if i, found := s.tags.search(name); found {
		return s.tags[i]
	}
	return nil
}

// tagged is like findTag, but returns a new tag without resources if the account has no such tag.
func (s *state) tagged(name string) *accountTag {
	if t := s.findTag(name); t != nil {
		return t
	}
	return new(accountTag)
}

// addTag returns the tag with a name. It adds the tag to the account if it does not exist.
func (s *state) addTag(name string) *accountTag {
	if t := s.findTag(name); t != nil {
		return t
	}
	t := &accountTag{name: name}
	s.tags.add(t)
	return t
}

// indexTags adds a new resource to its tags. Tags that do not exist are added to the account.
func (s *state) indexTags(r taggable) {
	for _, name := range *r.tagList() {
		r.addTo(s.addTag(name))
	}
}

// unindexTags removes a deleted resource from its tags.
func (s *state) unindexTags(r taggable) {
	for _, name := range *r.tagList() {
		r.removeFrom(s.tagged(name))
	}
}

// assign adds the tag to a resource.
func (t *accountTag) assign(r taggable) {
	if tags := r.tagList(); !slices.Contains(*tags, t.name) {
		*tags = append(slices.Clip(*tags), t.name)
		r.addTo(t)
	}
}

// unassign removes the tag from a resource.
func (t *accountTag) unassign(r taggable) {
	tags := r.tagList()
	*tags = removeValue(*tags, t.name)
	r.removeFrom(t)
}

// removeTag removes a tag from the account and from all of its resources.
func (s *state) removeTag(t *accountTag) {
	s.tags.remove(t.name)
	unassignAll(t, t.droplets.list)
	unassignAll(t, t.images.list)
	unassignAll(t, t.volumes.list)
	unassignAll(t, t.volumeSnapshots.list)
	s.removeTagFromFirewalls(t.name)
}

// unassignAll removes a deleted tag from the tags of resources.
func unassignAll[T taggable](t *accountTag, resources []T) {
	for _, r := range resources {
		tags := r.tagList()
		*tags = removeValue(*tags, t.name)
	}
}
