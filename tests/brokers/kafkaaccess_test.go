package brokers

// Whom a broker of Kafka lets take messages, and whom whctl takes for a broker.

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"
)

// Messages are taken with the right credentials. Wrong ones are told, and shown nowhere.
func TestKafkaFromCredentials(t *testing.T) {
	t.Parallel()
	const right, wrong = "password-that-is-right", "password-that-is-wrong"
	for mechanism, flag := range map[string]string{"PLAIN": "plain", "SCRAM-SHA-256": "scram-sha-256", "SCRAM-SHA-512": "scram-sha-512"} {
		t.Run(flag, func(t *testing.T) {
			t.Parallel()
			k := newKafka(t, kfake.EnableSASL(), kfake.Superuser(mechanism, "whctl", right), kfake.Superuser("PLAIN", "writer", "password-of-the-writer"))
			k.produce("webhooks", "a", event("evt_1"), kgo.SASL(plain.Auth{User: "writer", Pass: "password-of-the-writer"}.AsMechanism()))
			app := receive(t, always(200))
			creds := k.w.write("creds", "whctl:"+wrong)
			l := k.taking("data", "webhooks", app, "--kafka-sasl", flag, "--kafka-creds", creds)
			l.says("the broker ended the connection at once; it may not take the credentials (--kafka-creds FILE, --kafka-sasl HOW)")
			l.end()
			if strings.Contains(l.out.String(), wrong) {
				t.Errorf("the password is shown:\n%s", l.out.String())
			}
			k.w.write("creds", "whctl:"+right)
			l = k.taking("data", "webhooks", app, "--kafka-sasl", flag, "--kafka-creds", creds)
			k.w.wait("the event", func() bool { return len(app.got()) == 1 })
			if out := l.out.String(); strings.Contains(out, right) || strings.Contains(out, "lost") {
				t.Errorf("it says\n%s", out)
			}
		})
	}
}

// A right that is missing is told once with what gives it, and with the rights of the guide messages are taken.
func TestKafkaFromRights(t *testing.T) {
	t.Parallel()
	may := func(what kmsg.ACLResourceType, name string, operation kmsg.ACLOperation) kfake.ACL {
		return kfake.ACL{Resource: what, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: operation, Allow: true}
	}
	read := may(kmsg.ACLResourceTypeTopic, "webhooks", kmsg.ACLOperationRead)
	group := may(kmsg.ACLResourceTypeGroup, "whctl", kmsg.ACLOperationRead)
	write := may(kmsg.ACLResourceTypeTopic, "webhooks", kmsg.ACLOperationWrite)
	for name, c := range map[string]struct {
		has  []kfake.ACL
		says string
	}{
		"none of the topic": {[]kfake.ACL{group}, "the credentials may not read topic webhooks; allow them to: kafka-acls.sh --add --operation Read --topic webhooks"},
		"none of the group": {[]kfake.ACL{read}, "the credentials may not be of group whctl; allow them to: kafka-acls.sh --add --operation Read --group whctl"},
		"all":               {[]kfake.ACL{read, group}, "✓ valid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKafka(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.User("PLAIN", "whctl", "password-of-whctl", c.has...), kfake.User("PLAIN", "writer", "password-of-the-writer", write))
			k.produce("webhooks", "a", event("evt_1"), kgo.SASL(plain.Auth{User: "writer", Pass: "password-of-the-writer"}.AsMechanism()))
			dials := k.c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ApiVersions}, Observe: true, Count: -1})
			l := k.behind("data", "--kafka-creds", k.w.write("creds", "whctl:password-of-whctl"))
			l.says(c.says)
			if c.says == "✓ valid" {
				return
			}
			began := dials.Hits()
			k.w.wait("more tries", func() bool { return dials.Hits() >= began+3 })
			if out := l.out.String(); strings.Count(out, "source lost") != 1 || strings.Contains(out, "source recovered") {
				t.Errorf("it says\n%s", out)
			}
		})
	}
}

// A certificate is that of the broker's host, holds today, and comes from those who are trusted. What to do is told, once.
func TestKafkaCertificates(t *testing.T) {
	t.Parallel()
	home, tomorrow := net.IPv4(127, 0, 0, 1), time.Now().Add(24*time.Hour)
	for name, c := range map[string]struct {
		host  net.IP
		until time.Time
		asks  tls.ClientAuthType
		flags string
		says  string
	}{
		"right":               {home, tomorrow, tls.NoClientCert, "--kafka-ca ca.pem", "✓ valid"},
		"of others":           {home, tomorrow, tls.NoClientCert, "--kafka-ca other.pem", "give the certificate of its authority with --kafka-ca FILE"},
		"of yesterday":        {home, time.Now().Add(-24 * time.Hour), tls.NoClientCert, "--kafka-ca ca.pem", "alone; give the broker a new certificate, or correct the clock of this machine"},
		"of another host":     {net.IPv4(10, 0, 0, 1), tomorrow, tls.NoClientCert, "--kafka-ca ca.pem", "not 127.0.0.1; name the broker's host as its certificate does"},
		"none of whctl's":     {home, tomorrow, tls.RequireAnyClientCert, "--kafka-ca ca.pem", "it may want a certificate of whctl's: --kafka-cert FILE"},
		"with one of whctl's": {home, tomorrow, tls.RequireAnyClientCert, "--kafka-ca ca.pem --kafka-cert own.pem", "✓ valid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certificate, authority, _ := certified(t, c.host, c.until)
			k := newKafka(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, ClientAuth: c.asks}))
			_, other, _ := certified(t, home, tomorrow)
			mine, own, key := certified(t, home, tomorrow)
			k.w.write("ca.pem", string(authority))
			k.w.write("other.pem", string(other))
			k.w.write("own.pem", string(own)+string(key))
			k.produce("webhooks", "a", event("evt_1"), kgo.DialTLSConfig(&tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{mine}}))
			fetches := k.c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Observe: true, Count: -1})
			l := k.behind("data", strings.Fields(c.flags)...)
			l.says(c.says)
			if fetched := fetches.Hits() > 0; fetched != (c.says == "✓ valid") {
				t.Errorf("messages were asked for: %t\n%s", fetched, l.out.String())
			}
		})
	}
}

// certified is a certificate for an address, which vouches for itself, and its key.
func certified(t *testing.T, host net.IP, until time.Time) (pair tls.Certificate, authority, secret []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until, IPAddresses: []net.IP{host},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
}
