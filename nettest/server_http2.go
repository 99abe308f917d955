package nettest

import (
	"bytes"
	"io"
	"strconv"
	"sync"
	"time"

	h2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2Conn serves HTTP/2 frame by frame.
type http2Conn struct {
	*conn
	framer  *h2.Framer
	streams map[uint32]*http2Stream // used by the reader only
	workers sync.WaitGroup
	// ignores is true after a fault of the connection: the server does not act on requests and does not respond.
	ignores bool

	mu      sync.Mutex // guards everything that is written
	block   bytes.Buffer
	encoder *hpack.Encoder
}

// http2Stream is one request.
type http2Stream struct {
	*http2Conn
	id       uint32
	callID   string
	fault    *fault
	complete bool // END_STREAM was received
	settled  bool // the fault has happened, or the response was sent
	response response
	gone     chan struct{} // closed when the client has reset the stream
}

func newHTTP2Conn(c *conn) *http2Conn {
	hc := &http2Conn{conn: c, framer: h2.NewFramer(c.tls, c.tls), streams: make(map[uint32]*http2Stream)}
	hc.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	hc.encoder = hpack.NewEncoder(&hc.block)
	return hc
}

// serve reads frames until the connection ends. f is a fault of the connection, or nil.
func (c *http2Conn) serve(f *fault) {
	defer c.workers.Wait()
	defer c.abandon()
	preface := make([]byte, len(h2.ClientPreface))
	if _, err := io.ReadFull(c.tls, preface); err != nil || string(preface) != h2.ClientPreface {
		return
	}
	var settings []h2.Setting
	if c.server.config.window > 0 {
		settings = append(settings, h2.Setting{ID: h2.SettingInitialWindowSize, Val: c.server.config.window})
	}
	c.write(func() error { return c.framer.WriteSettings(settings...) })
	if f != nil {
		c.ignores = true
		(&http2Stream{http2Conn: c, fault: f}).start()
	}
	for {
		frame, err := c.framer.ReadFrame()
		if err != nil {
			return
		}
		c.handle(frame)
	}
}

func (c *http2Conn) handle(frame h2.Frame) {
	switch f := frame.(type) {
	case *h2.SettingsFrame:
		if !f.IsAck() {
			c.write(c.framer.WriteSettingsAck)
		}
	case *h2.PingFrame:
		if !f.IsAck() {
			c.write(func() error { return c.framer.WritePing(true, f.Data) })
		}
	case *h2.MetaHeadersFrame:
		c.handleHeaders(f)
	case *h2.DataFrame:
		if s := c.streams[f.StreamID]; s != nil {
			s.complete = f.StreamEnded()
			s.advance(atHalfBody)
		}
	case *h2.RSTStreamFrame:
		if s := c.streams[f.StreamID]; s != nil {
			close(s.gone)
			delete(c.streams, f.StreamID)
		}
	}
}

func (c *http2Conn) handleHeaders(f *h2.MetaHeadersFrame) {
	s := &http2Stream{http2Conn: c, id: f.StreamID, complete: f.StreamEnded(), gone: make(chan struct{})}
	if f.PseudoValue("path") == warmPath {
		c.server.warm()
		send(s, warmResponse())
		return
	}
	for _, field := range f.RegularFields() {
		if field.Name == callHeader {
			s.callID = field.Value
		}
	}
	s.fault = c.server.requestFault()
	if c.ignores {
		s.fault = &fault{at: atRequest, refuses: true}
	}
	c.streams[f.StreamID] = s
	if s.fault == nil && c.server.config.window > 0 {
		c.write(func() error { return c.framer.WriteWindowUpdate(s.id, 1<<20) })
	}
	s.advance(atHeader)
}

// abandon ends the faults that wait, because the connection has ended.
func (c *http2Conn) abandon() {
	for id, s := range c.streams {
		close(s.gone)
		delete(c.streams, id)
	}
}

// write ignores errors: the client has closed the connection, and the next read fails.
func (c *http2Conn) write(frames func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = frames()
}

// advance is called when the request has been received up to a point.
func (s *http2Stream) advance(reached point) {
	if s.complete {
		reached = atRequest
	}
	if s.settled || s.fault == nil && !s.complete || s.fault != nil && reached < s.fault.at {
		return
	}
	s.settled = true
	s.response = s.server.config.usual
	if s.complete {
		s.response = s.server.receive(s.callID, s.fault == nil || !s.fault.refuses)
	}
	if s.fault == nil {
		send(s, s.response)
		return
	}
	s.start()
}

// start applies the fault, in another goroutine if it is async.
func (s *http2Stream) start() {
	if s.fault.async {
		s.workers.Go(s.apply)
		return
	}
	s.apply()
}

func (s *http2Stream) apply() {
	if s.fault.do != nil {
		s.fault.do(s)
	}
	s.end(s.fault.then)
}

func (s *http2Stream) usual() response { return s.response }
func (s *http2Stream) long() response  { return s.server.config.long }
func (s *http2Stream) literal(string)  { panic("faults with literal are for HTTP/1.1 only") }

func (s *http2Stream) interim(status int) {
	s.headers(false, [][2]string{{":status", strconv.Itoa(status)}, {"link", "</a>; rel=preload"}})
}

func (s *http2Stream) head(r response) {
	fields := append([][2]string{{":status", strconv.Itoa(r.status)}}, r.fields()...)
	s.headers(false, fields)
}

func (s *http2Stream) headers(endStream bool, fields [][2]string) {
	s.write(func() error {
		s.block.Reset()
		for _, f := range fields {
			if err := s.encoder.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
				return err
			}
		}
		return s.framer.WriteHeaders(h2.HeadersFrameParam{StreamID: s.id, BlockFragment: s.block.Bytes(),
			EndHeaders: true, EndStream: endStream})
	})
}

func (s *http2Stream) body(_ response, part string) {
	s.write(func() error { return s.framer.WriteData(s.id, false, []byte(part)) })
}

func (s *http2Stream) finish(response) {
	s.write(func() error { return s.framer.WriteData(s.id, true, nil) })
}

func (s *http2Stream) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.gone:
		return false
	case <-s.server.stopped:
		return false
	}
}

// reset writes RST_STREAM.
func (s *http2Stream) reset(code h2.ErrCode) {
	s.write(func() error { return s.framer.WriteRSTStream(s.id, code) })
}

// goAway writes GOAWAY.
func (s *http2Stream) goAway(lastStreamID uint32, code h2.ErrCode) {
	s.write(func() error { return s.framer.WriteGoAway(lastStreamID, code, nil) })
}

// previous returns the highest stream ID before this one, for a GOAWAY that does not include this one.
func (s *http2Stream) previous() uint32 {
	if s.id < 3 {
		return 0
	}
	return s.id - 2
}
