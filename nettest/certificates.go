package nettest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"time"
)

// authority is a certificate authority that exists in memory only.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(name string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-48 * time.Hour),
		NotAfter:              time.Now().Add(48 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &authority{cert: cert, key: key, pool: pool}, nil
}

// issue returns a server certificate for the loopback address, or for dnsName if it is not empty.
func (a *authority) issue(dnsName string, notAfter time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "nettest"},
		NotBefore:    time.Now().Add(-24 * time.Hour),
		NotAfter:     notAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if dnsName == "" {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	} else {
		template.DNSNames = []string{dnsName}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// certificates are the certificates of the test servers, and the authority that the clients trust.
type certificates struct {
	trusted   *authority
	valid     tls.Certificate
	unknownCA tls.Certificate
	wrongHost tls.Certificate
	expired   tls.Certificate
}

func newCertificates() (*certificates, error) {
	trusted, err := newAuthority("nettest")
	if err != nil {
		return nil, err
	}
	other, err := newAuthority("nettest, not trusted")
	if err != nil {
		return nil, err
	}
	tomorrow := time.Now().Add(24 * time.Hour)
	c := &certificates{trusted: trusted}
	for _, leaf := range []struct {
		into     *tls.Certificate
		issuer   *authority
		dnsName  string
		notAfter time.Time
	}{
		{&c.valid, trusted, "", tomorrow},
		{&c.unknownCA, other, "", tomorrow},
		{&c.wrongHost, trusted, "api.example.com", tomorrow},
		{&c.expired, trusted, "", time.Now().Add(-time.Hour)},
	} {
		if *leaf.into, err = leaf.issuer.issue(leaf.dnsName, leaf.notAfter); err != nil {
			return nil, err
		}
	}
	return c, nil
}
