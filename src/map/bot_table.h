/* SPDX-License-Identifier: Apache-2.0 */
/* User agents that are not people: one row each. A pattern is found in any capitals, at the beginning of a
 * word (so that "CUBOT", a phone, has no "bot"); the first row of those that begin at one place counts, so
 * the longer of two stands first. Apps in which people read are not bots: "[FBAN/", "Instagram",
 * "Pinterest/" and "YandexSearch" must not match. Libraries (curl, python-requests) are left out as well: a server
 * may give its own instead of the person's, and a purchase would be lost.
 *
 * The names are those that the operators publish:
 * Meta: developers.facebook.com/docs/sharing/webmasters/web-crawlers
 * Google: developers.google.com/search/docs/crawling-indexing/overview-google-crawlers
 * Bing: www.bing.com/webmasters/help/which-crawlers-does-bing-use-8c184ec0
 * OpenAI: platform.openai.com/docs/bots
 * Others name a page in the user agent, after "+http": the row of that pattern has all who do. */
#ifndef MAP_BOT_TABLE_H
#define MAP_BOT_TABLE_H

/* X(KIND, "what it is") */
#define BOT_KINDS(X)                                                                               \
    X(META, "a crawler of Meta's own")                                                             \
    X(SEARCH, "a search engine's crawler")                                                         \
    X(AI, "a crawler for language models")                                                         \
    X(PREVIEW, "a preview of a shared link")                                                       \
    X(SEO, "a crawler of a marketing tool")                                                        \
    X(MONITOR, "a monitor or a measurement")                                                       \
    X(HEADLESS, "a browser without a person")                                                      \
    X(CRAWLER, "a crawler that says so")

/* X("pattern", KIND) */
#define BOTS(X)                                                                                    \
    X("facebookexternalhit", META)                                                                 \
    X("facebookcatalog", META)                                                                     \
    X("facebookbot", META)                                                                         \
    X("facebot", META)                                                                             \
    X("meta-externalagent", META)                                                                  \
    X("meta-externalfetcher", META)                                                                \
    X("meta-externalads", META)                                                                    \
    X("meta-webindexer", META)                                                                     \
    X("Googlebot", SEARCH)                                                                         \
    X("AdsBot-Google", SEARCH)                                                                     \
    X("Mediapartners-Google", SEARCH)                                                              \
    X("APIs-Google", SEARCH)                                                                       \
    X("Storebot-Google", SEARCH)                                                                   \
    X("FeedFetcher-Google", SEARCH)                                                                \
    X("DuplexWeb-Google", SEARCH)                                                                  \
    X("Google-InspectionTool", SEARCH)                                                             \
    X("Google-Read-Aloud", SEARCH)                                                                 \
    X("Google-Safety", SEARCH)                                                                     \
    X("Google-Site-Verification", SEARCH)                                                          \
    X("Google-CloudVertexBot", AI)                                                                 \
    X("GoogleOther", SEARCH)                                                                       \
    X("GoogleProducer", SEARCH)                                                                    \
    X("bingbot", SEARCH)                                                                           \
    X("BingPreview", PREVIEW)                                                                      \
    X("adidxbot", SEARCH)                                                                          \
    X("msnbot", SEARCH)                                                                            \
    X("MicrosoftPreview", PREVIEW)                                                                 \
    X("DuckDuckBot", SEARCH)                                                                       \
    X("DuckAssistBot", AI)                                                                         \
    X("Slurp", SEARCH)                                                                             \
    X("Baiduspider", SEARCH)                                                                       \
    X("YandexBot", SEARCH)                                                                         \
    X("YandexAccessibilityBot", SEARCH)                                                            \
    X("YandexMobileBot", SEARCH)                                                                   \
    X("YandexRenderResourcesBot", SEARCH)                                                          \
    X("YandexImages", SEARCH)                                                                      \
    X("YandexMetrika", SEARCH)                                                                     \
    X("Applebot", SEARCH)                                                                          \
    X("Amazonbot", SEARCH)                                                                         \
    X("PetalBot", SEARCH)                                                                          \
    X("SeznamBot", SEARCH)                                                                         \
    X("Sogou web spider", SEARCH)                                                                  \
    X("Yeti/", SEARCH)                                                                             \
    X("Qwantify", SEARCH)                                                                          \
    X("GPTBot", AI)                                                                                \
    X("OAI-SearchBot", AI)                                                                         \
    X("ChatGPT-User", AI)                                                                          \
    X("ClaudeBot", AI)                                                                             \
    X("Claude-User", AI)                                                                           \
    X("Claude-SearchBot", AI)                                                                      \
    X("PerplexityBot", AI)                                                                         \
    X("Perplexity-User", AI)                                                                       \
    X("Bytespider", AI)                                                                            \
    X("CCBot", AI)                                                                                 \
    X("Diffbot", AI)                                                                               \
    X("Twitterbot", PREVIEW)                                                                       \
    X("LinkedInBot", PREVIEW)                                                                      \
    X("Pinterestbot", PREVIEW)                                                                     \
    X("Slackbot", PREVIEW)                                                                         \
    X("Slack-ImgProxy", PREVIEW)                                                                   \
    X("Discordbot", PREVIEW)                                                                       \
    X("TelegramBot", PREVIEW)                                                                      \
    X("WhatsApp/", PREVIEW)                                                                        \
    X("SkypeUriPreview", PREVIEW)                                                                  \
    X("Snap URL Preview", PREVIEW)                                                                 \
    X("redditbot", PREVIEW)                                                                        \
    X("Embedly", PREVIEW)                                                                          \
    X("Iframely", PREVIEW)                                                                         \
    X("GoogleImageProxy", PREVIEW)                                                                 \
    X("AhrefsBot", SEO)                                                                            \
    X("AhrefsSiteAudit", SEO)                                                                      \
    X("SemrushBot", SEO)                                                                           \
    X("SiteAuditBot", SEO)                                                                         \
    X("MJ12bot", SEO)                                                                              \
    X("DotBot", SEO)                                                                               \
    X("rogerbot", SEO)                                                                             \
    X("DataForSeoBot", SEO)                                                                        \
    X("BLEXBot", SEO)                                                                              \
    X("serpstatbot", SEO)                                                                          \
    X("Screaming Frog", SEO)                                                                       \
    X("Sitebulb", SEO)                                                                             \
    X("Pingdom", MONITOR)                                                                          \
    X("UptimeRobot", MONITOR)                                                                      \
    X("Uptime-Kuma", MONITOR)                                                                      \
    X("Better Uptime Bot", MONITOR)                                                                \
    X("StatusCake", MONITOR)                                                                       \
    X("Site24x7", MONITOR)                                                                         \
    X("DatadogSynthetics", MONITOR)                                                                \
    X("NewRelicSynthetics", MONITOR)                                                               \
    X("NewRelicPinger", MONITOR)                                                                   \
    X("RuxitSynthetic", MONITOR)                                                                   \
    X("CloudWatchSynthetics", MONITOR)                                                             \
    X("Checkly", MONITOR)                                                                          \
    X("GTmetrix", MONITOR)                                                                         \
    X("Chrome-Lighthouse", MONITOR)                                                                \
    X("PTST/", MONITOR)                                                                            \
    X("HeadlessChrome", HEADLESS)                                                                  \
    X("HeadlessEdg", HEADLESS)                                                                     \
    X("PhantomJS", HEADLESS)                                                                       \
    X("SlimerJS", HEADLESS)                                                                        \
    X("Puppeteer", HEADLESS)                                                                       \
    X("Playwright", HEADLESS)                                                                      \
    X("Selenium", HEADLESS)                                                                        \
    X("Cypress/", HEADLESS)                                                                        \
    X("HtmlUnit", HEADLESS)                                                                        \
    X("jsdom/", HEADLESS)                                                                          \
    X("bot/", CRAWLER)                                                                             \
    X("crawler", CRAWLER)                                                                          \
    X("spider", CRAWLER)                                                                           \
    X("+http", CRAWLER)

#endif
