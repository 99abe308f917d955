package droplets

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// unmarshal is the one place where an answer becomes values: what it makes of a document is what json.Unmarshal makes
// of it. The documents that are large or asked for often are read by a reader that needs no reflection. It takes what
// the API sends and gives up on anything else, be it broken or merely rare (a repeated list, a key in capitals), so
// that encoding/json alone decides what is refused, and with which error.
func unmarshal(body []byte, v any) error {
	// Only roots: they are ours, hold nothing yet, and nobody can embed one in a type that has more fields.
	if dst, ok := v.(interface {
		root
		record
	}); ok {
		r := newReader(body)
		if r.document(dst) {
			return nil
		}
		reflect.ValueOf(v).Elem().SetZero()
	}
	return json.Unmarshal(body, v)
}

// record is a struct that the reader knows. fields offers each of its keys with the place of its value, in the order
// in which the API sends them: the reader goes through them once where the document has that order, and again for
// each key that it finds earlier.
type record interface{ fields(r *reader) }

func (v *dropletRoot) fields(r *reader) { field(r, "droplet", &v.Droplet, pointer) }
func (v *actionRoot) fields(r *reader)  { field(r, "action", &v.Action, pointer) }

func (v *neighborsRoot) fields(r *reader)  { field(r, "droplets", &v.Droplets, records) }
func (v *tagActionsRoot) fields(r *reader) { field(r, "actions", &v.Actions, records) }

func (v *dropletsRoot) fields(r *reader) {
	field(r, "droplets", &v.Droplets, records)
	pageFields(r, &v.pageInfo)
}

func (v *actionsRoot) fields(r *reader) {
	field(r, "actions", &v.Actions, records)
	pageFields(r, &v.pageInfo)
}

// pageFields is no method: every root that embeds pageInfo would become a record by it, and lose its items.
func pageFields(r *reader, v *pageInfo) {
	field(r, "links", (*pageLinks)(v), object)
	field(r, "meta", (*pageMeta)(v), object)
}

// The objects in a pageInfo, each as a view of the whole.
type (
	pageLinks pageInfo
	pageURLs  pageInfo
	pageMeta  pageInfo
)

func (v *pageLinks) fields(r *reader) { field(r, "pages", (*pageURLs)(v), object) }

func (v *pageURLs) fields(r *reader) {
	pages := &v.Links.Pages
	field(r, "first", &pages.First, text)
	field(r, "prev", &pages.Prev, text)
	field(r, "next", &pages.Next, text)
	field(r, "last", &pages.Last, text)
}

func (v *pageMeta) fields(r *reader) { field(r, "total", &v.Meta.Total, integer) }

func (v *createRoot) fields(r *reader) {
	field(r, "droplet", &v.Droplet, pointer)
	field(r, "links", &v.Links, object)
}

func (v *multiCreateRoot) fields(r *reader) {
	field(r, "droplets", &v.Droplets, records)
	field(r, "links", &v.Links, object)
}

func (v *actionLinks) fields(r *reader) { field(r, "actions", &v.Actions, records) }

func (v *ActionLink) fields(r *reader) {
	field(r, "id", &v.ID, integer)
	field(r, "rel", &v.Rel, text)
	field(r, "href", &v.HREF, text)
}

func (a *Action) fields(r *reader) {
	field(r, "id", &a.ID, integer)
	field(r, "status", &a.Status, text)
	field(r, "type", &a.Type, text)
	field(r, "started_at", &a.StartedAt, moment)
	field(r, "completed_at", &a.CompletedAt, maybeMoment)
	field(r, "resource_id", &a.ResourceID, integer)
	field(r, "resource_type", &a.ResourceType, text)
	field(r, "region", &a.Region, pointer)
	field(r, "region_slug", &a.RegionSlug, text)
}

func (d *Droplet) fields(r *reader) {
	field(r, "id", &d.ID, integer)
	field(r, "name", &d.Name, text)
	field(r, "memory", &d.Memory, integer)
	field(r, "vcpus", &d.VCPUs, integer)
	field(r, "disk", &d.Disk, integer)
	field(r, "disk_info", &d.DiskInfo, records)
	field(r, "locked", &d.Locked, boolean)
	field(r, "status", &d.Status, text)
	field(r, "kernel", &d.Kernel, pointer)
	field(r, "created_at", &d.CreatedAt, moment)
	field(r, "features", &d.Features, texts)
	field(r, "backup_ids", &d.BackupIDs, integers)
	field(r, "next_backup_window", &d.NextBackupWindow, pointer)
	field(r, "snapshot_ids", &d.SnapshotIDs, integers)
	field(r, "image", &d.Image, pointer)
	field(r, "volume_ids", &d.VolumeIDs, texts)
	field(r, "size", &d.Size, pointer)
	field(r, "size_slug", &d.SizeSlug, text)
	field(r, "networks", &d.Networks, object)
	field(r, "region", &d.Region, pointer)
	field(r, "tags", &d.Tags, texts)
	field(r, "vpc_uuid", &d.VPCUUID, text)
	field(r, "gpu_info", &d.GPUInfo, pointer)
}

func (v *DiskInfo) fields(r *reader) {
	field(r, "type", &v.Type, text)
	field(r, "size", &v.Size, object)
}

func (v *Quantity) fields(r *reader) {
	field(r, "amount", &v.Amount, integer)
	field(r, "unit", &v.Unit, text)
}

func (v *GPUInfo) fields(r *reader) {
	field(r, "count", &v.Count, integer)
	field(r, "model", &v.Model, text)
	field(r, "vram", &v.VRAM, object)
}

func (v *Kernel) fields(r *reader) {
	field(r, "id", &v.ID, integer)
	field(r, "name", &v.Name, text)
	field(r, "version", &v.Version, text)
}

func (v *BackupWindow) fields(r *reader) {
	field(r, "start", &v.Start, moment)
	field(r, "end", &v.End, moment)
}

func (v *Image) fields(r *reader) {
	field(r, "id", &v.ID, integer)
	field(r, "name", &v.Name, text)
	field(r, "type", &v.Type, text)
	field(r, "distribution", &v.Distribution, text)
	field(r, "slug", &v.Slug, text)
	field(r, "public", &v.Public, boolean)
	field(r, "regions", &v.Regions, texts)
	field(r, "created_at", &v.CreatedAt, moment)
	field(r, "min_disk_size", &v.MinDiskSize, integer)
	field(r, "size_gigabytes", &v.SizeGigabytes, float)
	field(r, "description", &v.Description, text)
	field(r, "tags", &v.Tags, texts)
	field(r, "status", &v.Status, text)
	field(r, "error_message", &v.ErrorMessage, text)
}

func (v *Size) fields(r *reader) {
	field(r, "slug", &v.Slug, text)
	field(r, "memory", &v.Memory, integer)
	field(r, "vcpus", &v.VCPUs, integer)
	field(r, "disk", &v.Disk, integer)
	field(r, "transfer", &v.Transfer, float)
	field(r, "price_monthly", &v.PriceMonthly, float)
	field(r, "price_hourly", &v.PriceHourly, float)
	field(r, "regions", &v.Regions, texts)
	field(r, "available", &v.Available, boolean)
	field(r, "description", &v.Description, text)
	field(r, "disk_info", &v.DiskInfo, records)
	field(r, "gpu_info", &v.GPUInfo, pointer)
}

func (v *Networks) fields(r *reader) {
	field(r, "v4", &v.V4, records)
	field(r, "v6", &v.V6, records)
}

func (v *NetworkV4) fields(r *reader) {
	field(r, "ip_address", &v.IPAddress, text)
	field(r, "netmask", &v.Netmask, text)
	field(r, "gateway", &v.Gateway, text)
	field(r, "type", &v.Type, text)
}

func (v *NetworkV6) fields(r *reader) {
	field(r, "ip_address", &v.IPAddress, text)
	field(r, "netmask", &v.Netmask, integer)
	field(r, "gateway", &v.Gateway, text)
	field(r, "type", &v.Type, text)
}

func (v *Region) fields(r *reader) {
	field(r, "name", &v.Name, text)
	field(r, "slug", &v.Slug, text)
	field(r, "features", &v.Features, texts)
	field(r, "available", &v.Available, boolean)
	field(r, "sizes", &v.Sizes, texts)
}

// field reads the value of the key at hand with read, if it is this key, and goes on to the next one.
func field[T any](r *reader, key string, dst *T, read func(*reader, *T)) {
	if string(r.key) == key {
		read(r, dst)
		r.next()
	}
}

// The functions from here to list read one value each. A null leaves alone what is neither a pointer nor a list.

func text[T ~string](r *reader, dst *T) {
	if !r.null() {
		*dst = T(r.text())
	}
}

func integer[T int | int64](r *reader, dst *T) {
	if r.null() {
		return
	}
	n, err := strconv.ParseInt(string(r.number()), 10, 64)
	if *dst = T(n); err != nil || int64(*dst) != n {
		r.giveUp()
	}
}

func float(r *reader, dst *float64) {
	if r.null() {
		return
	}
	f, err := strconv.ParseFloat(string(r.number()), 64)
	if *dst = f; err != nil {
		r.giveUp()
	}
}

func boolean(r *reader, dst *bool) {
	if r.null() {
		return
	}
	if *dst = r.literal("true"); !*dst && !r.literal("false") {
		r.giveUp()
	}
}

func moment(r *reader, dst *time.Time) {
	if r.null() {
		return
	}
	if quoted, _ := r.quoted(); dst.UnmarshalJSON(quoted) != nil {
		r.giveUp()
	}
}

func maybeMoment(r *reader, dst **time.Time) {
	if *dst = nil; !r.null() {
		*dst = new(time.Time)
		moment(r, *dst)
	}
}

// known is a pointer to a T that is a record.
type known[T any] interface {
	*T
	record
}

func object[T any, P known[T]](r *reader, dst *T) {
	if !r.null() {
		r.object(P(dst))
	}
}

func pointer[T any, P known[T]](r *reader, dst **T) {
	if r.null() {
		*dst = nil
		return
	}
	if *dst == nil {
		*dst = new(T)
	}
	r.object(P(*dst))
}

func records[T any, P known[T]](r *reader, dst *[]T) { list(r, dst, object[T, P]) }
func texts(r *reader, dst *[]string)                 { list(r, dst, text) }
func integers(r *reader, dst *[]int64)               { list(r, dst, integer) }

// list gives up on a list that the object has had before: what encoding/json makes of the two is its own affair.
func list[T any](r *reader, dst *[]T, read func(*reader, *T)) {
	repeated := *dst != nil
	if !repeated && r.null() {
		return
	}
	if repeated || !r.take('[') {
		r.giveUp()
		return
	}
	items, start := []T{}, r.pos
	for more := !r.take(']'); more; more = r.more(']') {
		if n := len(items); n < 2 && n == cap(items) {
			items = slices.Grow(items, r.expect(start, n))
		}
		var zero T
		items = append(items, zero)
		read(r, &items[len(items)-1])
	}
	*dst = items
}

// reader goes through a JSON document once. It accepts nothing that encoding/json refuses.
type reader struct {
	data    []byte
	pos     int
	key     []byte // of the object that is read, the key at hand; nil after the last
	givenUp bool
	depth   int             // of values that nobody wants
	room    strings.Builder // for texts, several to an allocation
	recent  []string        // texts that need no copy the next time: slugs come by the hundred
}

// newReader gives a document of one Droplet a small table of recent texts, and a page of them a large one.
func newReader(data []byte) *reader {
	const few, many, page = 32, 256, 16 << 10
	slots := few
	if len(data) > page {
		slots = many
	}
	return &reader{data: data, recent: make([]string, slots)}
}

// document reads all there is into dst and reports whether it could.
func (r *reader) document(dst record) bool {
	r.object(dst)
	return r.peek() == 0 && r.pos == len(r.data) && !r.givenUp
}

// giveUp leaves nothing to read, which ends every loop.
func (r *reader) giveUp() { r.givenUp, r.pos, r.key = true, len(r.data), nil }

func (r *reader) object(dst record) {
	if !r.take('{') {
		r.giveUp()
		return
	}
	if r.key = nil; !r.take('}') {
		r.readKey()
	}
	for r.key != nil {
		start := r.pos
		if dst.fields(r); r.pos == start {
			r.unknown()
		}
	}
}

// next goes to the next key of an object, or past its end.
func (r *reader) next() {
	if r.key = nil; r.more('}') {
		r.readKey()
	}
}

func (r *reader) readKey() {
	token, plain := r.quoted()
	if !plain || !r.take(':') {
		r.giveUp()
		return
	}
	r.key = token[1 : len(token)-1]
}

// unknown skips a key that the record does not have. In capitals it may be one after all, by the rules of encoding/json.
func (r *reader) unknown() {
	for _, c := range r.key {
		if c >= 'A' && c <= 'Z' {
			r.giveUp()
			return
		}
	}
	r.skip()
	r.next()
}

// skip reads a value that nobody wants.
func (r *reader) skip() {
	const deepest = 100
	switch r.depth++; {
	case r.depth > deepest:
		r.giveUp()
	case r.take('{'):
		for more := !r.take('}'); more; more = r.more('}') {
			if r.skipText(); !r.take(':') {
				r.giveUp()
			}
			r.skip()
		}
	case r.take('['):
		for more := !r.take(']'); more; more = r.more(']') {
			r.skip()
		}
	case r.peek() == '"':
		r.skipText()
	case !r.literal("true") && !r.literal("false") && !r.literal("null"):
		r.number()
	}
	r.depth--
}

func (r *reader) skipText() {
	if token, plain := r.quoted(); !plain && !json.Valid(token) {
		r.giveUp()
	}
}

// more reads the comma before another item, or the end of them.
func (r *reader) more(end byte) bool {
	if r.take(end) {
		return false
	}
	if r.take(',') {
		return true
	}
	r.giveUp()
	return false
}

// peek returns the next byte that is not white space, and 0 at the end.
func (r *reader) peek() byte {
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; c {
		case ' ', '\n', '\t', '\r':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

func (r *reader) take(c byte) bool {
	if r.peek() != c || c == 0 {
		return false
	}
	r.pos++
	return true
}

func (r *reader) literal(word string) bool {
	if r.peek() != word[0] || !bytes.HasPrefix(r.data[r.pos:], []byte(word)) {
		return false
	}
	r.pos += len(word)
	return true
}

func (r *reader) null() bool { return r.literal("null") }

// number returns a number as JSON writes them, which is less than strconv takes.
func (r *reader) number() []byte {
	r.peek()
	start := r.pos
	r.accept("-")
	ok := r.accept("0") || r.digits()
	if r.accept(".") {
		ok = ok && r.digits()
	}
	if r.accept("eE") {
		r.accept("+-")
		ok = ok && r.digits()
	}
	if !ok {
		r.giveUp()
		return nil
	}
	return r.data[start:r.pos]
}

func (r *reader) accept(any string) bool {
	if r.pos == len(r.data) || strings.IndexByte(any, r.data[r.pos]) < 0 {
		return false
	}
	r.pos++
	return true
}

func (r *reader) digits() bool {
	start := r.pos
	for r.pos < len(r.data) && r.data[r.pos] >= '0' && r.data[r.pos] <= '9' {
		r.pos++
	}
	return r.pos > start
}

// quoted returns a string with its quotes, and whether it is plain: what is between them stands for itself.
func (r *reader) quoted() (token []byte, plain bool) {
	if r.peek() != '"' {
		r.giveUp()
		return nil, false
	}
	plain = true
	for i := r.pos + 1; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '"':
			token, r.pos = r.data[r.pos:i+1], i+1
			return token, plain
		case c == '\\':
			plain = false
			i++
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		}
	}
	r.giveUp()
	return nil, false
}

// text leaves to encoding/json what is not plain. The result shares nothing with the document.
func (r *reader) text() string {
	token, plain := r.quoted()
	if plain {
		return r.intern(token[1 : len(token)-1])
	}
	var s string
	if json.Unmarshal(token, &s) != nil {
		r.giveUp()
	}
	return s
}

func (r *reader) intern(b []byte) string {
	const longest = 32 // what is longer hardly comes twice
	if len(b) > longest {
		return r.keep(b)
	}
	h := uint32(0)
	for _, c := range b {
		h = h*31 + uint32(c)
	}
	h ^= h >> 16
	slot := &r.recent[int(h)&(len(r.recent)-1)]
	if *slot != string(b) {
		*slot = r.keep(b)
	}
	return *slot
}

// keep copies a text. The allocation that it shares with others is small, because one of them keeps it all alive.
func (r *reader) keep(b []byte) string {
	const size = 512
	if r.room.Cap()-r.room.Len() < len(b) {
		r.room.Reset()
		r.room.Grow(max(size, len(b)))
	}
	start := r.room.Len()
	r.room.Write(b)
	return r.room.String()[start:]
}

// expect guesses how many items a list has beyond the n that it has read since start, so that it is allocated at once.
func (r *reader) expect(start, n int) int {
	rest, read := r.data[r.pos:], r.data[start:r.pos]
	list, _, _ := bytes.Cut(rest, []byte("]"))
	switch {
	case n == 0 && r.peek() == '{':
		return 1
	case n == 0:
		// A comma in a text counts too, so that the guess has a bound.
		return 1 + min(bytes.Count(list, []byte(",")), 1000)
	case bytes.IndexByte(read, ']') >= 0:
		// The first item has lists itself, so that the list does not end where the next one does.
		list = rest
	}
	return min(1+len(list)/len(read), maxPerPage)
}
