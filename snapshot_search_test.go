package droplets

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestImageOfASnapshotAction decides whether a new image is that of an action, which ran from noon until a minute later.
func TestImageOfASnapshotAction(t *testing.T) {
	t.Parallel()
	at := func(seconds int) time.Time {
		return time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
	}
	action := func(id int64, from, to int) Action {
		end := at(to)
		return Action{ID: id, StartedAt: at(from), CompletedAt: &end}
	}
	image := func(id int64, seconds int) DropletSnapshot {
		return DropletSnapshot{ID: id, Name: "nightly", CreatedAt: at(seconds)}
	}
	running := Action{ID: 9, StartedAt: at(-60)}
	for name, tt := range map[string]struct {
		name   string
		before []int64
		images []DropletSnapshot
		others []Action
		want   int64 // 0 if it cannot be decided
	}{
		"at the start":                             {images: []DropletSnapshot{image(1, 0)}, want: 1},
		"two seconds before the start":             {images: []DropletSnapshot{image(1, -2)}, want: 1},
		"three seconds before the start":           {images: []DropletSnapshot{image(1, -3)}},
		"two seconds after the end":                {images: []DropletSnapshot{image(1, 62)}, want: 1},
		"three seconds after the end":              {images: []DropletSnapshot{image(1, 63)}},
		"the name":                                 {name: "nightly", images: []DropletSnapshot{image(1, 5)}, want: 1},
		"another name":                             {name: "daily", images: []DropletSnapshot{image(1, 5)}},
		"the Droplet had it before":                {before: []int64{1}, images: []DropletSnapshot{image(1, 5)}},
		"one of two is new":                        {before: []int64{1}, images: []DropletSnapshot{image(1, 5), image(2, 6)}, want: 2},
		"both are new":                             {images: []DropletSnapshot{image(1, 5), image(2, 6)}},
		"both are new, one is too old":             {images: []DropletSnapshot{image(1, -5), image(2, 6)}, want: 2},
		"another action ran":                       {images: []DropletSnapshot{image(1, 5)}, others: []Action{action(9, 4, 6)}},
		"another action is running":                {images: []DropletSnapshot{image(1, 5)}, others: []Action{running}},
		"another action ended before":              {images: []DropletSnapshot{image(1, 5)}, others: []Action{action(9, 0, 4)}, want: 1},
		"another action began after":               {images: []DropletSnapshot{image(1, 5)}, others: []Action{action(9, 6, 90)}, want: 1},
		"another action ended at that time":        {images: []DropletSnapshot{image(1, 5)}, others: []Action{action(9, -9, 5)}},
		"another one ran, but the times are equal": {images: []DropletSnapshot{image(1, 0)}, others: []Action{action(9, -9, 9)}, want: 1},
		"another one began at the same time":       {images: []DropletSnapshot{image(1, 0)}, others: []Action{action(9, 0, 9)}},
		"another action has created an earlier one": {before: []int64{1}, images: []DropletSnapshot{image(1, 4), image(2, 5)},
			others: []Action{action(9, 4, 6)}, want: 2},
		"two others, one has created an earlier one": {before: []int64{1}, images: []DropletSnapshot{image(1, 4), image(2, 5)},
			others: []Action{action(8, 4, 6), action(9, 4, 6)}},
		"no image": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := action(7, 0, 60)
			s := snapshotSearch{action: &own, name: tt.name, before: tt.before, images: tt.images, others: tt.others}
			got := s.result()
			if tt.want == 0 {
				assert.Nil(t, got)
				return
			}
			if assert.NotNil(t, got) {
				assert.Equal(t, tt.want, got.ID)
			}
			assert.Len(t, s.others, len(tt.others), "the search is not changed")
		})
	}
}
