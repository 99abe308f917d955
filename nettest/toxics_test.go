package nettest

import (
	"context"
	"fmt"
	"io"
	"log"
	"strings"
	"sync"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// A toxic that breaks all connections is on for one of four intervals.
const (
	toxicInterval = 25 * time.Millisecond
	toxicPeriod   = 4
)

// toxicProxies are proxies with one toxic each.
type toxicProxies struct {
	proxies []*toxiproxy.Proxy
	cancel  context.CancelFunc
	wg      sync.WaitGroup
}

// toxic is a toxic of toxiproxy.
type toxic struct {
	kind, stream, attributes string
	// alternates is true if the toxic is switched on and off, because it lets nothing through while it is on.
	alternates bool
}

func toxicKinds() []toxic {
	return []toxic{
		{kind: "latency", stream: "downstream", attributes: `{"latency":3,"jitter":2}`},
		{kind: "bandwidth", stream: "downstream", attributes: `{"rate":400}`},
		{kind: "slicer", stream: "upstream", attributes: `{"average_size":200,"size_variation":100,"delay":20}`},
		{kind: "limit_data", stream: "downstream", attributes: `{"bytes":12000}`},
		{kind: "limit_data", stream: "upstream", attributes: `{"bytes":5000}`},
		{kind: "reset_peer", stream: "downstream", attributes: `{"timeout":5}`, alternates: true},
		{kind: "timeout", stream: "downstream", attributes: `{"timeout":20}`, alternates: true},
		{kind: "timeout", stream: "upstream", attributes: `{"timeout":20}`, alternates: true},
	}
}

// startToxicProxies starts a proxy for each toxic and each server.
func startToxicProxies(upstreams ...string) (*toxicProxies, error) {
	ctx, cancel := context.WithCancel(context.Background())
	p := &toxicProxies{cancel: cancel}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	for _, upstream := range upstreams {
		for _, kind := range toxicKinds() {
			proxy := toxiproxy.NewProxy(server, fmt.Sprintf("%s-%d", kind.kind, len(p.proxies)), "127.0.0.1:0", upstream)
			if err := proxy.Start(); err != nil {
				return nil, err
			}
			p.proxies = append(p.proxies, proxy)
			if kind.alternates {
				p.wg.Go(func() { alternate(ctx, proxy, kind) })
				continue
			}
			if err := kind.add(proxy); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (k toxic) add(proxy *toxiproxy.Proxy) error {
	_, err := proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(
		`{"name":"toxic","type":%q,"stream":%q,"toxicity":1.0,"attributes":%s}`, k.kind, k.stream, k.attributes)))
	return err
}

// alternate switches the toxic on and off until ctx is done.
func alternate(ctx context.Context, proxy *toxiproxy.Proxy, kind toxic) {
	ticker := time.NewTicker(toxicInterval)
	defer ticker.Stop()
	for tick := 0; ; tick++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		switch tick % toxicPeriod {
		case 0:
			_ = kind.add(proxy)
		case 1:
			_ = proxy.Toxics.RemoveToxic(ctx, "toxic")
		}
	}
}

func (p *toxicProxies) addresses() []string {
	all := make([]string, 0, len(p.proxies))
	for _, proxy := range p.proxies {
		all = append(all, proxy.Listen)
	}
	return all
}

func (p *toxicProxies) stop() {
	p.cancel()
	p.wg.Wait()
	for _, proxy := range p.proxies {
		proxy.Stop()
	}
}

// discardLog is for a server whose connections are broken on purpose.
func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
